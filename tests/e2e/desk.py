"""An installation with people in browsers of their own."""

from tests.support.running import Installation

PASSWORD = "correct horse battery 7"


class Desk:
    """The installation with people in browsers of their own; what a browser complains of is kept."""

    def __init__(self, office: Installation, browser: object) -> None:
        self.office, self.browser = office, browser
        self.complaints: list[str] = []

    def person(self, name: str, *roles: str, phone: bool = False, lang: str = "zh"):
        """A new person, let in by their link."""
        words = [word for role in roles for word in ("--role", role)]
        link = self.office.json("users", "add", name, *words)["link"]
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = self.browser.new_context(viewport=size, base_url=self.office.url)
        context.add_cookies([{"name": "signage_language", "value": lang, "url": self.office.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._hear(page, said))
        page.goto(self.office.url + link[link.index("/console") :])
        page.fill("input[name=password]", PASSWORD)
        page.fill("input[name=again]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/console/today")
        return page

    def _hear(self, page, said) -> None:
        if said.type == "error" and "Failed to load resource" not in said.text:
            self.complaints.append(f"{page.url}: {said.text}")


def shown(office: Installation) -> set[str]:
    """The texts of all items in the screen's document."""
    return {item.get("text") for item in office.playlist(office.token).json()["items"].values()}
