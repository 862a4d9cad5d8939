"""An installation with people in browsers of their own."""

from tests.support.installation import ServerInstallation

PASSWORD = "correct horse battery 7"


class BrowserInstallation:
    """The installation with people in browsers of their own; what a browser complains of is kept."""

    def __init__(self, office: ServerInstallation, browser: object) -> None:
        self.office, self.browser = office, browser
        self.complaints: list[str] = []

    def log_in_new_user(self, name: str, *roles: str, phone: bool = False, lang: str = "zh"):
        """A new person, let in by their link."""
        words = [word for role in roles for word in ("--role", role)]
        link = self.office.run_json("users", "add", name, *words)["link"]
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = self.browser.new_context(viewport=size, base_url=self.office.url)
        context.add_cookies([{"name": "signage_language", "value": lang, "url": self.office.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._record_complaint(page, said))
        page.goto(self.office.url + link[link.index("/console") :])
        page.fill("input[name=password]", PASSWORD)
        page.fill("input[name=again]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/console/today")
        return page

    def _record_complaint(self, page, said) -> None:
        if said.type == "error" and "Failed to load resource" not in said.text:
            self.complaints.append(f"{page.url}: {said.text}")


def list_shown_texts(office: ServerInstallation) -> set[str]:
    """The texts of all items in the screen's document."""
    return {item.get("text") for item in office.get_playlist(office.token).json()["items"].values()}
