"""The calendar of a campaign."""

from datetime import date

from signage.model.campaign_file.read import read_campaign
from signage.schedule.calendars import OfficialCalendars
from signage.web.console.pages.campaigns.campaign_calendar import build_calendar

FULL = """
format = "signage.campaign/1"
id = "full"
title = "全"
theme = "主题"
unit = "bureau"
timezone = "Asia/Shanghai"
from = 2021-03-10T00:00:01
until = 2021-03-19T00:00:00+08:00
priority = -3
report_due = 2021-03-18T18:00:00
color = "#ff0000"
[[item]]
id = "a"
text = "第一行\\n第二行"
duration_s = 8.5
weight = 2
tags = ["theme", "law"]
from = 2021-03-12T00:00:00
source = "市局"
effect = "scroll"
px_per_s = 60
[daypart.night]
days = ["mon-fri", "2021-03-13/2021-03-14"]
except = ["holiday"]
from = 22:00:00
until = 06:00:00
[[placement]]
screens = ["kind:taxi-roof", "!tag:depot"]
items = ["a", "tag:theme"]
dayparts = ["night"]
share = 3
max_per_hour = 30
min_gap_s = 60
"""


def test_the_timeline_has_a_bar_where_a_daypart_holds():
    campaign = read_campaign("", FULL)
    line = build_calendar(campaign, OfficialCalendars())
    assert line.days[0] == date(2021, 3, 10)
    assert line.days[-1] == date(2021, 3, 18)
    assert [bar.text for bar in line.rows[0].cells[1].bars] == ["00:00–06:00", "22:00–24:00"]
