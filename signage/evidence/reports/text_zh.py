"""The report in words: the usual form of an office's summary (活动总结), in Chinese. One text for Word and PDF.

What the program cannot know stands in brackets, to be filled in by the office.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from signage.evidence.reports.report import Report, Sum, Trouble, numbers
from signage.messages import Language, say

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
SUMS = ("计划次数", "实际次数", "计划秒数", "实际秒数", "完成")
GROUPS = {"channels": "渠道", "units": "单位"}
SCREENS = ("屏数", "有记录")
REACH = ("覆盖屏数", "有播放记录的屏数", "计划屏时（小时）", "实际屏时（小时）", "播出天数")
DAY, SCREEN = "日期", "屏"
FOUND = ("核对结果", "条数", "首次", "末次")
MISSING = ("屏", "编号", "条数", "原因", "最近一次回传")
TROUBLES = ("编号", "发现时间", "屏", "情况", "派单", "处置", "答复")
ORDERS = {"takeover.start": "启动紧急插播", "takeover.stop": "停止紧急插播"}
KINDS = {
    "taxi-roof": "出租车顶显示屏",
    "street": "企业街面电子屏",
    "kiosk": "立式信息屏",
    "strip": "门楣条屏",
    "wall": "户外大屏",
    "—": "已移除的屏",
}
VERDICTS = {
    "as-planned": "按计划播出",
    "late": "晚于计划播出",
    "cut": "播出中断",
    "extra": "计划之外多播",
    "not-planned": "未安排而播出",
    "not-approved": "播出内容与审批内容不符",
    "not-shown": "应播未播",
    "not-judged": "无对应播放列表、无法核对",
}
GAPS = {"missing": "记录缺失", "lost": "终端报告丢失", "rejected": "记录无法识别"}
UNDATED = "（时间不详）"
ACTS = {
    "campaign.load": "从活动文件载入",
    "campaign.save": "编制",
    "campaign.submit": "提交审批",
    "campaign.approve": "审批通过",
    "campaign.return": "退回修改",
}
WHO = {"folder": "活动文件夹", "system": "系统"}
EMPTY = "本期内没有计划播出，也没有播放记录。"


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter: its heading and its paragraphs; *figures*: tables and charts belong to it."""

    heading: str
    paragraphs: tuple[str, ...]
    figures: bool = False


def title(report: Report) -> str:
    """The report's title."""
    return f"{report.title}宣传活动总结"


def sections(report: Report) -> list[Section]:
    """The five chapters. Tables and charts belong to the third."""
    return [
        Section("一、总体概况", tuple(_overview(report))),
        Section("二、组织实施", tuple(_organised(report))),
        Section("三、各渠道播出情况", tuple(_channels(report)), figures=True),
        Section("四、存在问题", tuple(_problems(report))),
        Section("五、下一步工作", tuple(_next(report))),
    ]


def evidence(report: Report) -> list[str]:
    """The lines that prove: printed at the end of every report."""
    signed = report.signed
    return [
        f"审计日志检查点：{signed.origin}",
        f"条目数：{signed.size}　密钥：{'、'.join(signed.keys)}",
        f"根：{signed.root}",
        "核对方法：导出审计证据包后运行 verify.py --key " + (signed.keys[0] if signed.keys else ""),
    ]


def moment(at: datetime, report: Report) -> str:
    """A time, as offices write it."""
    local = at.astimezone(report.zone)
    text = day(at, report)
    return text if (local.hour, local.minute) == (0, 0) else f"{text}{local.hour}:{local.minute:02}"


def clock(at: datetime, report: Report) -> str:
    """A time, short, for tables."""
    return f"{at.astimezone(report.zone):%m-%d %H:%M}"


def label(day_: date) -> str:
    """A day, short, for charts."""
    return f"{day_.month}月{day_.day}日"


def trouble(one: Trouble) -> str:
    """What an incident is, as it was told or as the system found it."""
    return one.what or say(f"incident-{one.kind}", LANGUAGE, {"screen": one.screen or "", **one.facts})


def day(at: datetime, report: Report) -> str:
    """A date, as offices write it."""
    local = at.astimezone(report.zone)
    return f"{local.year}年{local.month}月{local.day}日"


def hours(ms: int) -> str:
    """Hours with one figure."""
    return f"{ms / 3_600_000:.1f}小时"


def percent(one: Sum) -> str:
    """How much of what was planned was shown."""
    return "—" if one.rate is None else f"{one.rate * 100:.1f}%"


def kind(name: str) -> str:
    """A kind of screen, in Chinese where it is known."""
    return KINDS.get(name, name)


def _overview(report: Report) -> Iterator[str]:
    total = report.total
    theme = f"，主题为“{report.theme}”" if report.theme else ""
    until = moment(report.until, report)
    yield (
        f"“{report.title}”宣传活动自{moment(report.from_, report)}起至{until}（不含）止{theme}，"
        f"共安排标语和宣传片{len(report.rows)}条。"
    )
    if report.empty:
        yield EMPTY
        return
    screens, heard = report.reach
    yield (
        f"截至{moment(report.through, report)}，活动覆盖{screens}块屏，其中{heard}块屏有播放记录。"
        f"计划播出{total.planned:,}次、{hours(total.planned_ms)}；"
        f"实际完整播出{total.proven:,}次，播出{hours(total.proven_ms)}，按时长计完成{percent(total)}。"
    )
    yield "以上“实际”均以屏端逐条回传、入库后不可改动的播放记录为准；播出中断的只计时长，不计次数。"


def _organised(report: Report) -> Iterator[str]:
    unit = report.unit or "（主办单位）"
    yield f"活动由{unit}组织。（请补充领导小组、分工和各单位参加情况。）"
    units = [one.name for one in report.units if one.name not in ("", "—")]
    if units:
        yield f"参与单位（屏的权属）：{'、'.join(units)}。"
    if report.people:
        yield (
            "内容的编制与审批留痕如下："
            + "；".join(f"{ACTS.get(verb, verb)}：{WHO.get(who, who)}" for verb, who in report.people)
            + "。"
        )
    yield "全部内容为公益宣传，无企业赞助，无商业信息，均经审批后发布；每一版播放列表经签名后下发，屏端核验后播出。"


def _channels(report: Report) -> Iterator[str]:
    if report.empty:
        yield EMPTY
        return
    for channel in report.channels:
        planned, proven, _, _ = numbers(channel.sum)
        yield (
            f"{kind(channel.name)}：{channel.screens}块，有播放记录的{channel.heard}块；计划{planned:,}次，"
            f"实际{proven:,}次，播出{hours(channel.sum.proven_ms)}，完成{percent(channel.sum)}。"
        )
    yield "各条目播出情况见下表（秒数为全部屏合计）。"


def _problems(report: Report) -> Iterator[str]:
    begin = sum(1 for _ in _exceptions(report))
    yield from _exceptions(report)
    for one in report.troubles:
        answered = one.at("answered")
        over = f"{moment(answered, report)}答复" if answered else "尚未答复"
        yield f"{moment(one.raised_at, report)}，{_where(one)}{trouble(one)}，{over}。"
    for order in report.orders:
        yield f"{moment(order.at, report)}，{ORDERS.get(order.verb, order.verb)}（{order.object}）。"
    if not (begin or report.troubles or report.orders):
        yield "活动期间未发现缺号、漏播和内容不符等问题。"
    yield "（请补充工作中的其他问题。）"


def _where(one: Trouble) -> str:
    return f"{one.screen} " if one.screen and one.what else ""


def _exceptions(report: Report) -> Iterator[str]:
    for one in report.unfit:
        yield say(f"archive-{one.why}", LANGUAGE, {"day": one.day, "file": one.file})
    for found in report.found:
        if found.verdict != "as-planned":
            span = f"{moment(found.first, report)}至{moment(found.last, report)}"
            yield f"{VERDICTS[found.verdict]}：{found.plays:,}条（{span}）。"
    for name, count in report.lacking.items():
        where = sorted({one.screen for one in report.gaps if one.why == name})
        undated = sum(one.plays for one in report.gaps if one.why == name and not one.dated)
        doubt = f"其中{undated:,}条时间不详，可能早于本活动。" if undated else ""
        yield f"{GAPS[name]}：{count:,}条（按屏端连续编号查得，涉及{_listed(where)}）。{doubt}"
    if report.doubled:
        listed = _listed(list(report.doubled))
        yield f"同时有两个播放端回传记录的屏{len(report.doubled)}块，其播放次数可能重复：{listed}。"
    if report.silent:
        yield f"有计划而没有播放记录的屏{len(report.silent)}块：{_listed(report.silent)}。"


def _listed(names: list[str]) -> str:
    return "、".join(names[:20]) + ("等" if len(names) > 20 else "")


def _next(report: Report) -> Iterator[str]:
    number = 1
    if report.silent:
        yield f"{number}.逐一核查没有播放记录的屏，查明断电、断网或故障原因，落实责任人。"
        number += 1
    if report.gaps:
        yield f"{number}.对有缺号的屏检查存储和网络，补传能补传的记录。"
        number += 1
    if any(report.verdicts.get(name) for name in ("late", "extra", "not-planned", "not-approved")):
        yield f"{number}.对晚播、多播、未安排播出的屏校准时钟并更新播放程序。"
        number += 1
    yield f"{number}.证据包和本总结一并归档，保存不少于三年。"
    yield "（请补充下一步安排。）"
