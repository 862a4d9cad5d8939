"""Motion of slogans."""

from signage.pixels.slogan import motion


def test_a_scroll_moves_whole_pixels_a_frame():
    for fps in (25, 30, 50, 60):
        for width, size in ((96, 16), (192, 32), (1920, 320)):
            v = motion.choose_scroll_speed(width, size, fps)
            assert v % fps == 0 or fps % v == 0
            travel = motion.compute_travel_px(777, width, v, fps)
            assert travel >= 777 + width
            assert motion.compute_pass_ms(travel, v) * v == travel * 1000
    assert motion.choose_scroll_speed(192, 32, 30) == 60
    assert motion.choose_scroll_speed(192, 32, 30, requested=64) == 60
