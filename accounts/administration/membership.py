"""Acts on the groups that somebody is in: they decide what the person may do."""

from collections.abc import Collection, Iterable

from django.utils.functional import lazy
from django.utils.translation import gettext as _

from accounts import conf, rights
from accounts.administration.acting import (
    Act,
    ActRefused,
    Done,
    Words,
    attempt,
    has_bounds,
    locked,
    permissions_of,
)
from accounts.audit import Kind
from accounts.cognito.errors import CognitoError, GroupNotFound, Unavailable
from accounts.context import Context
from accounts.models import User


def change_groups(
    user: User,
    *,
    groups: Iterable[str] | None = None,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    by: User | None,
    context: Context,
) -> Done:
    """Have ``user`` be in ``groups`` alone (None: in those they are in now), with ``add`` and without ``remove``.

    Groups that Cognito makes for an outside provider are left alone. Rights count here from the next page on. What was
    done before a failure counts, too, and doing it again does the rest.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
    """
    words: Words = {GroupNotFound: _("is not in a group that does not exist any more: look at the groups again")}
    with attempt("change_groups", Kind.GROUPS_CHANGED, user, by=by, context=context, words=words) as act:
        before = {*conf.directory().groups_of(act.person.username)}
        wanted = {*(before if groups is None else groups), *add} - set(remove)
        added, removed = own(wanted - before), own(before - wanted)
        refuse_own_and_last(user, by, removed)
        refuse_granting(by, added)
        now = move(act, before, added, removed)
        if added or removed or now != {*user.cognito_groups}:
            now = write_down(act, before, now, is_told=True)
    return Done(names=tuple(sorted(now)))


def move(act: Act, before: set[str], added: Collection[str], removed: Collection[str]) -> set[str]:
    """Take the person out of ``removed``, then put them into ``added``; return what that makes of ``before``.

    What was done before one of them fails is written down as well: nobody keeps rights here that are gone at Cognito.
    """
    directory, name, now = conf.directory(), act.person.username, before
    try:
        for group in sorted(removed):
            directory.remove_from_group(name, group)
            now, act.changed = now - {group}, True
        for group in sorted(added):
            directory.add_to_group(name, group)
            now, act.changed = now | {group}, True
    except CognitoError:
        if act.changed:
            write_down(act, before, now, is_told=False)
        raise
    return now


def write_down(act: Act, before: set[str], now: set[str], *, is_told: bool) -> set[str]:
    """Write down the groups that the person is in, who is told if ``is_told``; return them.

    Another act may have changed them meanwhile, so Cognito is asked again with the row locked: whichever is last here
    is right. Where it does not answer, the row is changed as the act has changed ``before`` into ``now``. Raises
    Unavailable where that is not at all.
    """
    with locked(act.user) as row:
        try:
            found = {*conf.directory().groups_of(act.person.username)}
        except Unavailable:
            if not act.changed:
                raise
            found = ({*row.cognito_groups} - (before - now)) | (now - before)
        what = lazy(lambda: _("Your groups are now: %s.") % (", ".join(sorted(found)) or _("none")), str)()
        act.finish(what if is_told else "", groups=found)
    return found


def own(groups: Iterable[str]) -> set[str]:
    """Return those of ``groups`` that are the pool's own: an outside provider decides who is in the others."""
    return {group for group in groups if not rights.is_of_provider(group)}


def refuse_own_and_last(user: User, by: User | None, removed: Collection[str]) -> None:
    """Raise ActRefused where ``by`` would change their own rights, or the last superuser would lose theirs."""
    loses_all = rights.of_groups(removed).is_superuser
    if by is not None and by.pk == user.pk and (has_bounds(by) or loses_all):
        raise ActRefused(_("this is you: somebody else has to change your rights"))
    if loses_all and rights.is_last_superuser(user):
        raise ActRefused(_("this is the last superuser"))


def refuse_granting(by: User | None, added: Collection[str]) -> None:
    """Raise ActRefused where membership in ``added`` allows something that ``by`` may not do."""
    if by is None or not has_bounds(by):
        return
    if rights.of_groups(added).is_superuser:
        raise ActRefused(_("cannot become a superuser: only a superuser may do that"))
    if not permissions_of(added) <= by.get_all_permissions():
        raise ActRefused(_("cannot get rights that you do not have"))
