"""The shipped panels as values, and the ten slogans."""

from signage.model.panel import Panel


def _panel(id_: str, width: int, height: int, color: str, pitch_mm: float, distance_m: float) -> Panel:
    return Panel(id_, width, height, color, pitch_mm, viewing_distance_m=distance_m)  # type: ignore[arg-type]


PANELS = {
    p.id: p
    for p in (
        _panel("roof-96x16", 96, 16, "mono", 5.0, 10),
        _panel("roof-128x16", 128, 16, "mono", 5.0, 10),
        _panel("roof-128x32", 128, 32, "mono", 5.0, 15),
        _panel("taxi-192x64", 192, 64, "rgb", 5.0, 15),
        _panel("taxi-384x128", 384, 128, "rgb", 2.5, 15),
        _panel("strip-256x32", 256, 32, "mono", 10.0, 20),
        _panel("strip-640x32", 640, 32, "two-color", 10.0, 20),
        _panel("street-1920x1080", 1920, 1080, "rgb", 0.63, 5),
        _panel("street-1080x1920", 1080, 1920, "rgb", 0.63, 5),
        _panel("wall-640x384", 640, 384, "rgb", 8.0, 40),
        _panel("wall-960x540", 960, 540, "rgb", 6.0, 40),
    )
}

SLOGANS = """\
2021年消费维权年主题：守护安全 畅通消费
和谐社会 文明消费
保护消费者的合法权益是全社会共同责任
维护消费者权益，构建社会主义和谐社会
保障消费安全 提振消费信心
诚实守信是企业的社会责任
服务民生 服务消费者 服务社会和谐
改善民生 促进消费 推进发展
化解消费纠纷 促进社会和谐
搞好消费教育 提高消费者素质""".splitlines()
