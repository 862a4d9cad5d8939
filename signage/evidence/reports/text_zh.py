"""The report in words: the usual form of an office's summary (活动总结), in Chinese. One text for Word and PDF.

What the program cannot know stands in brackets, to be filled in by the office.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from signage.evidence.reports.report import CampaignReport, PlayTotals, ReportIncident, list_figures
from signage.messages import Language
from signage.messages import render_message as say

LANGUAGE: Language = "zh"
LABELS = {
    "items": "各条目播出情况",
    "reach": "触达情况",
    "channels": "各渠道播出情况",
    "units": "各单位播出情况",
    "days": "逐日播出情况",
    "screens": "各屏播出情况",
    "found": "播放记录核对结果",
    "gaps": "缺号明细",
    "troubles": "事件及处置情况",
    "item-chart": "各条目计划与实际播出次数",
    "day-chart": "每日计划与实际播出次数",
    "pictures": "播出画面",
    "table": "表",
    "figure": "图",
    "planned": "计划",
    "proven": "实际",
    "unit": "单位：次",
    "chart": "图表",
    "text": "说明",
    "proof": "附：证据核对",
    "sign": "（单位）",
    "none": "—",
    "no-unit": "（未登记单位）",
}
TOTALS_HEADERS = ("计划次数", "实际次数", "计划秒数", "实际秒数", "完成")
GROUP_HEADERS = {"channels": "渠道", "units": "单位"}
SCREEN_COUNT_HEADERS = ("屏数", "有记录")
REACH_HEADERS = ("覆盖屏数", "有播放记录的屏数", "计划屏时（小时）", "实际屏时（小时）", "播出天数")
DAY_HEADER, SCREEN_HEADER = "日期", "屏"
VERDICT_HEADERS = ("核对结果", "条数", "首次", "末次")
GAP_HEADERS = ("屏", "编号", "条数", "原因", "最近一次回传")
INCIDENT_HEADERS = ("编号", "发现时间", "屏", "情况", "派单", "处置", "答复")
TAKEOVER_LABELS = {"takeover.start": "启动紧急插播", "takeover.stop": "停止紧急插播"}
SCREEN_KIND_LABELS = {
    "taxi-roof": "出租车顶显示屏",
    "street": "企业街面电子屏",
    "kiosk": "立式信息屏",
    "strip": "门楣条屏",
    "wall": "户外大屏",
    "—": "已移除的屏",
}
VERDICT_LABELS = {
    "as-planned": "按计划播出",
    "late": "晚于计划播出",
    "cut": "播出中断",
    "extra": "计划之外多播",
    "not-planned": "未安排而播出",
    "not-approved": "播出内容与审批内容不符",
    "not-shown": "应播未播",
    "not-judged": "无对应播放列表、无法核对",
}
GAP_LABELS = {"missing": "记录缺失", "lost": "终端报告丢失", "rejected": "记录无法识别"}
UNDATED_NOTE = "（时间不详）"
ACT_LABELS = {
    "campaign.load": "从活动文件载入",
    "campaign.save": "编制",
    "campaign.submit": "提交审批",
    "campaign.approve": "审批通过",
    "campaign.return": "退回修改",
}
ACTOR_LABELS = {"folder": "活动文件夹", "system": "系统"}
EMPTY_NOTE = "本期内没有计划播出，也没有播放记录。"


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A chapter: its heading and its paragraphs; *figures*: tables and charts belong to it."""

    heading: str
    paragraphs: tuple[str, ...]
    has_figures: bool = False


def title(report: CampaignReport) -> str:
    """The report's title."""
    return f"{report.title}宣传活动总结"


def build_sections(report: CampaignReport) -> list[ReportSection]:
    """The five chapters. Tables and charts belong to the third."""
    return [
        ReportSection("一、总体概况", tuple(_write_overview(report))),
        ReportSection("二、组织实施", tuple(_write_organisation(report))),
        ReportSection("三、各渠道播出情况", tuple(_write_channels(report)), has_figures=True),
        ReportSection("四、存在问题", tuple(_write_problems(report))),
        ReportSection("五、下一步工作", tuple(_write_next_steps(report))),
    ]


def format_evidence(report: CampaignReport) -> list[str]:
    """The lines that prove: printed at the end of every report."""
    signed = report.checkpoint
    return [
        f"审计日志检查点：{signed.origin}",
        f"条目数：{signed.size}　密钥：{'、'.join(signed.keys)}",
        f"根：{signed.root}",
        "核对方法：导出审计证据包后运行 verify.py --key " + (signed.keys[0] if signed.keys else ""),
    ]


def format_time(at: datetime, report: CampaignReport) -> str:
    """A time, as offices write it."""
    local = at.astimezone(report.zone)
    text = format_date(at, report)
    return text if (local.hour, local.minute) == (0, 0) else f"{text}{local.hour}:{local.minute:02}"


def format_short_time(at: datetime, report: CampaignReport) -> str:
    """A time, short, for tables."""
    return f"{at.astimezone(report.zone):%m-%d %H:%M}"


def format_day_label(day_: date) -> str:
    """A day, short, for charts."""
    return f"{day_.month}月{day_.day}日"


def format_incident(one: ReportIncident) -> str:
    """What an incident is, as it was told or as the system found it."""
    return one.description or say(f"incident-{one.kind}", LANGUAGE, {"screen": one.screen or "", **one.facts})


def format_date(at: datetime, report: CampaignReport) -> str:
    """A date, as offices write it."""
    local = at.astimezone(report.zone)
    return f"{local.year}年{local.month}月{local.day}日"


def format_hours(ms: int) -> str:
    """Hours with one figure."""
    return f"{ms / 3_600_000:.1f}小时"


def format_percent(one: PlayTotals) -> str:
    """How much of what was planned was shown."""
    return "—" if one.rate is None else f"{one.rate * 100:.1f}%"


def format_screen_kind(name: str) -> str:
    """A kind of screen, in Chinese where it is known."""
    return SCREEN_KIND_LABELS.get(name, name)


def _write_overview(report: CampaignReport) -> Iterator[str]:
    total = report.total
    theme = f"，主题为“{report.theme}”" if report.theme else ""
    until = format_time(report.until, report)
    yield (
        f"“{report.title}”宣传活动自{format_time(report.from_, report)}起至{until}（不含）止{theme}，"
        f"共安排标语和宣传片{len(report.items)}条。"
    )
    if report.is_empty:
        yield EMPTY_NOTE
        return
    screens, heard = report.screen_counts
    yield (
        f"截至{format_time(report.counted_until, report)}，活动覆盖{screens}块屏，其中{heard}块屏有播放记录。"
        f"计划播出{total.planned:,}次、{format_hours(total.planned_ms)}；"
        f"实际完整播出{total.proven:,}次，播出{format_hours(total.proven_ms)}，按时长计完成{format_percent(total)}。"
    )
    yield "以上“实际”均以屏端逐条回传、入库后不可改动的播放记录为准；播出中断的只计时长，不计次数。"


def _write_organisation(report: CampaignReport) -> Iterator[str]:
    unit = report.unit or "（主办单位）"
    yield f"活动由{unit}组织。（请补充领导小组、分工和各单位参加情况。）"
    units = [one.name for one in report.units if one.name not in ("", "—")]
    if units:
        yield f"参与单位（屏的权属）：{'、'.join(units)}。"
    if report.actors:
        yield (
            "内容的编制与审批留痕如下："
            + "；".join(f"{ACT_LABELS.get(verb, verb)}：{ACTOR_LABELS.get(who, who)}" for verb, who in report.actors)
            + "。"
        )
    yield "全部内容为公益宣传，无企业赞助，无商业信息，均经审批后发布；每一版播放列表经签名后下发，屏端核验后播出。"


def _write_channels(report: CampaignReport) -> Iterator[str]:
    if report.is_empty:
        yield EMPTY_NOTE
        return
    for channel in report.channels:
        planned, proven, _, _ = list_figures(channel.totals)
        yield (
            f"{format_screen_kind(channel.name)}：{channel.screen_count}块，有播放记录的{channel.proven_screen_count}块；计划{planned:,}次，"
            f"实际{proven:,}次，播出{format_hours(channel.totals.proven_ms)}，完成{format_percent(channel.totals)}。"
        )
    yield "各条目播出情况见下表（秒数为全部屏合计）。"


def _write_problems(report: CampaignReport) -> Iterator[str]:
    begin = sum(1 for _ in _write_exceptions(report))
    yield from _write_exceptions(report)
    for one in report.incidents:
        answered = one.get_step_time("answered")
        over = f"{format_time(answered, report)}答复" if answered else "尚未答复"
        yield f"{format_time(one.raised_at, report)}，{_format_screen_prefix(one)}{format_incident(one)}，{over}。"
    for order in report.takeover_events:
        yield f"{format_time(order.at, report)}，{TAKEOVER_LABELS.get(order.verb, order.verb)}（{order.takeover_id}）。"
    if not (begin or report.incidents or report.takeover_events):
        yield "活动期间未发现缺号、漏播和内容不符等问题。"
    yield "（请补充工作中的其他问题。）"


def _format_screen_prefix(one: ReportIncident) -> str:
    return f"{one.screen} " if one.screen and one.description else ""


def _write_exceptions(report: CampaignReport) -> Iterator[str]:
    for one in report.archive_damage:
        yield say(f"archive-{one.why}", LANGUAGE, {"day": one.day, "file": one.file})
    for found in report.verdict_totals:
        if found.verdict != "as-planned":
            span = f"{format_time(found.first, report)}至{format_time(found.last, report)}"
            yield f"{VERDICT_LABELS[found.verdict]}：{found.plays:,}条（{span}）。"
    for name, count in report.missing_counts.items():
        where = sorted({one.screen for one in report.missing_plays if one.why == name})
        undated = sum(one.count for one in report.missing_plays if one.why == name and not one.is_dated)
        doubt = f"其中{undated:,}条时间不详，可能早于本活动。" if undated else ""
        yield f"{GAP_LABELS[name]}：{count:,}条（按屏端连续编号查得，涉及{_join_names(where)}）。{doubt}"
    if report.doubled_screens:
        listed = _join_names(list(report.doubled_screens))
        yield f"同时有两个播放端回传记录的屏{len(report.doubled_screens)}块，其播放次数可能重复：{listed}。"
    if report.unproven_screens:
        yield f"有计划而没有播放记录的屏{len(report.unproven_screens)}块：{_join_names(report.unproven_screens)}。"


def _join_names(names: list[str]) -> str:
    return "、".join(names[:20]) + ("等" if len(names) > 20 else "")


def _write_next_steps(report: CampaignReport) -> Iterator[str]:
    number = 1
    if report.unproven_screens:
        yield f"{number}.逐一核查没有播放记录的屏，查明断电、断网或故障原因，落实责任人。"
        number += 1
    if report.missing_plays:
        yield f"{number}.对有缺号的屏检查存储和网络，补传能补传的记录。"
        number += 1
    if any(report.verdict_counts.get(name) for name in ("late", "extra", "not-planned", "not-approved")):
        yield f"{number}.对晚播、多播、未安排播出的屏校准时钟并更新播放程序。"
        number += 1
    yield f"{number}.证据包和本总结一并归档，保存不少于三年。"
    yield "（请补充下一步安排。）"
