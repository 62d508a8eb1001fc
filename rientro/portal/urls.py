"""Addresses of a brand's portal. In the order of the journey."""

from django.urls import path

from rientro.portal import (
    assets,
    confirm,
    customs,
    downloads,
    find,
    language,
    own,
    pick,
    ship,
    track,
)

app_name = "portal"
urlpatterns = [
    path("", find.find, name="find"),
    path("link/", find.link, name="link"),
    path("link/<slug:token>/", find.open_mailed, name="open_mailed"),
    path("items/", pick.items, name="items"),
    path("why/", pick.why, name="why"),
    path("why/<int:place>/", pick.why, name="why"),
    path("how/", ship.how, name="how"),
    path("address/", ship.address, name="address"),
    path("code/", ship.code, name="code"),
    path("code/send/", ship.send_code, name="send_code"),
    path("check/", confirm.check, name="check"),
    path("done/", confirm.done, name="done"),
    path("r/<slug:token>/", track.page, name="return"),
    path("r/<slug:token>/label", downloads.label, name="label"),
    path("r/<slug:token>/code", downloads.code, name="drop_code"),
    path("r/<slug:token>/customs", customs.sheets, name="customs"),
    path("r/<slug:token>/number/", own.number, name="number"),
    path("r/<slug:token>/slip", own.slip, name="slip"),
    path("r/<slug:token>/cancel/", track.cancel, name="cancel"),
    path("language/", language.language, name="language"),
    path("looks.css", assets.looks, name="looks"),
    path("logo", assets.logo, name="logo"),
    path("background", assets.background, name="background"),
    path("picture/<slug:name>", assets.picture, name="picture"),
]
