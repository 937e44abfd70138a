"""Remembered devices: there are none."""

from __future__ import annotations

from tests.devcloud.conformance.user_pool import AppClient, Person, new_email, refused


def test_nobody_has_any(app: AppClient, person: Person) -> None:
    """API_AdminListDevices and API_ListDevices."""
    assert app.on(person, "list_devices")["Devices"] == []
    assert app.public.list_devices(AccessToken=app.tokens(person)["AccessToken"])["Devices"] == []


def test_an_unknown_person_is_not_found(app: AppClient) -> None:
    """API_AdminListDevices, ResourceNotFoundException."""
    with refused("ResourceNotFoundException"):
        app.admin.admin_list_devices(UserPoolId=app.pool_id, Username=new_email())
