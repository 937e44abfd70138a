"""What the profile says of somebody: each attribute by itself, how it stands, and what can be done about it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts import awaited, conf, federation, language, pool
from accounts.attribute_names import label_of, within_sentence
from accounts.awaited import EMAIL, NUMBER
from accounts.cognito.factors import Factor
from accounts.cognito.results import Attribute, Profile
from accounts.cognito.sign_in_names import NameKind, readable
from accounts.forms.account import AttributeForm, VerifyAttributeForm
from accounts.forms.fields import Form, Sentence
from accounts.http import AuthenticatedRequest

LANGUAGE = "locale"
# These come first, in this order, then the others as the pool has them, and the language at the end.
FIRST = ("name", "given_name", "family_name", "middle_name", EMAIL, NUMBER)
# What stands beside the attribute it is about, and what names the account to machines.
NO_FACTS = frozenset({"sub", "identities", "email_verified", "phone_number_verified"})
# What a provider tells of its people at each sign-in (AttributeMapping of infra/cognito.yaml): a change would not last.
OF_PROVIDERS = frozenset({EMAIL, "name", "given_name", "family_name", "locale"})
# Of these there is a row only where they say something: the name is asked for in one field, where the pool has that.
QUIET_BESIDE_NAME = frozenset({"given_name", "family_name", "middle_name"})
# As long as one of these is the second step, what it goes to cannot be removed.
SECOND_STEPS: Mapping[str, tuple[Factor, Sentence]] = {
    EMAIL: (Factor.EMAIL, gettext_lazy("Turn off email codes under Security first.")),
    NUMBER: (Factor.SMS, gettext_lazy("Turn off text messages under Security first.")),
}
# Of a value that another account has; told only to whoever has typed its code, and so reads what goes there.
TAKEN: Mapping[str, Sentence] = {
    EMAIL: gettext_lazy("Another account uses this email. Choose a different one."),
    NUMBER: gettext_lazy("Another account uses this phone number. Choose a different one."),
}
# Of a username that people choose for themselves.
NAME_TAKEN = gettext_lazy("Another account uses this name. Choose a different one.")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One attribute: ``verified`` is None for what no code proves, and ``provider`` is who keeps it, "" for nobody.

    ``form`` is there while it is changed, and ``code_form`` while a code is awaited; ``awaits`` is then the value that
    the code proves, and ``sentence`` says what follows. ``keeps`` says why it cannot be removed, "" where it can.
    """

    name: str
    value: str
    verified: bool | None = None
    writable: bool = False
    required: bool = False
    provider: str = ""
    keeps: Sentence = ""
    form: AttributeForm | None = None
    code_form: VerifyAttributeForm | None = None
    awaits: str = ""
    sentence: str = ""
    wait: int = 0

    @property
    def shown(self) -> str:
        """The value as people read it: of the language that was never chosen, the one the pages are in."""
        if self.name == LANGUAGE:
            return language.name_of(self.value or get_language() or "")
        return readable(self.value) if self.name == NUMBER else self.value

    @property
    def awaits_shown(self) -> str:
        """What the code proves, as people read it."""
        return readable(self.awaits) if self.name == NUMBER else self.awaits

    @property
    def label(self) -> Sentence:
        """What it is called."""
        return label_of(self.name)

    @property
    def label_within(self) -> str:
        """The same within a sentence."""
        return within_sentence(self.name)

    @property
    def proved_by_code(self) -> bool:
        """Whether a new value counts once its code is typed."""
        return self.name in awaited.ATTRIBUTES

    @property
    def removable(self) -> bool:
        """Whether there is something that can be removed by a button: other attributes are emptied."""
        return bool(self.proved_by_code and self.value and not self.required and not self.keeps)

    @property
    def can_be_sent_code(self) -> bool:
        """Whether a code would prove the value that is there."""
        return self.verified is False and not self.awaits


def attributes() -> tuple[Attribute, ...]:
    """Return the attributes of the pool that the client may write, or has to.

    Required is also what accounts are made under, whatever the schema says: nobody could sign in without it.
    """
    name = conf.config().sign_in_with.kinds[0]
    found = pool.description().attributes
    return tuple(replace(each, required=True) if each.name == name else each for each in found)


def writable(request: AuthenticatedRequest) -> dict[str, Attribute]:
    """Return the attributes that whoever makes ``request`` may write, by their names."""
    found = {attribute.name: attribute for attribute in attributes() if attribute.mutable}
    if federation.has_password(request):
        return found
    return {name: attribute for name, attribute in found.items() if name not in OF_PROVIDERS}


def of(
    request: AuthenticatedRequest, profile: Profile, form: Form | None, wait: Callable[[float], int]
) -> Iterator[Fact]:
    """Yield what ``profile`` says of whoever makes ``request``, in the order of the page.

    ``form`` is the one that is being filled in, in its row; ``wait`` tells the seconds until another code may be asked
    for, after one at a moment.
    """
    may_write, pending = writable(request), awaited.of(request.user)
    for name in in_order([*may_write, *profile.attributes]):
        value, attribute, waiting = profile.attributes.get(name, ""), may_write.get(name), pending.get(name)
        edited = form if isinstance(form, AttributeForm) and form.name == name else None
        if not (value or edited or (attribute and is_asked_for(attribute, may_write))):
            continue
        verified = profile.attributes.get(f"{name}_verified") == "true" if name in awaited.ATTRIBUTES else None
        yield Fact(
            name=name,
            value=value,
            verified=verified if value else None,
            writable=attribute is not None,
            required=attribute is not None and attribute.required,
            provider=kept_by(request, name),
            keeps=why_kept(name, profile),
            form=edited,
            code_form=code_form(name, form) if waiting else None,
            awaits=waiting.value if waiting else "",
            sentence=what_follows(request, name, value, waiting.value) if waiting else "",
            wait=wait(waiting.sent_at) if waiting else 0,
        )


def is_asked_for(attribute: Attribute, may_write: Mapping[str, Attribute]) -> bool:
    """Whether there is a row for ``attribute`` though it has no value, beside the others that people may write."""
    if attribute.name == LANGUAGE and len(settings.LANGUAGES) < 2:
        return attribute.required
    quiet = QUIET_BESIDE_NAME if "name" in may_write else frozenset()
    return attribute.required or attribute.name not in quiet


def kept_by(request: AuthenticatedRequest, name: str) -> str:
    """Return the provider that keeps the attribute ``name`` of whoever makes ``request``, "" for none."""
    if name not in OF_PROVIDERS or federation.has_password(request):
        return ""
    provider = federation.own_provider(request)
    return provider.label if provider else ""


def code_form(name: str, form: Form | None) -> VerifyAttributeForm:
    """Return the form for the code of the attribute ``name``: ``form`` where it is that one."""
    if isinstance(form, VerifyAttributeForm) and form.attribute == name:
        return form
    return VerifyAttributeForm(attribute=name)


def in_order(names: Iterable[str]) -> list[str]:
    """Return the attributes among ``names`` that are facts, each once, those first that people look for."""
    shown = [name for name in dict.fromkeys(names) if name not in NO_FACTS and not name.startswith("cognito:")]
    return sorted(shown, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST) + (name == LANGUAGE))


def why_kept(name: str, profile: Profile) -> Sentence:
    """Return why the attribute ``name`` cannot be removed now, "" where it can."""
    factor, sentence = SECOND_STEPS.get(name, (None, ""))
    return sentence if factor in profile.factors else ""


def what_follows(request: AuthenticatedRequest, name: str, old: str, new: str) -> str:
    """Return what the code for ``new`` does, where ``old`` is there yet: true whatever people sign in with."""
    signs_in = bool(old) and NameKind(name) in conf.config().sign_in_with.kinds and federation.has_password(request)
    if name == EMAIL:
        if old == new:
            return _("We sent a code. Enter it to verify this address.")
        if signs_in:
            text = _("We emailed a code to this address. Until you enter it, you’ll keep signing in with {old}.")
        elif old:
            text = _("We emailed a code to this address. Until you enter it, {old} stays your email.")
        else:
            text = _("We emailed a code to this address. It’s saved once you enter it.")
    elif old == new:
        return _("We sent a code. Enter it to verify this number.")
    elif signs_in:
        text = _("We sent a code by text message. Until you enter it, you’ll keep signing in with {old}.")
    else:
        text = _("We sent a code by text message. The number is saved once you enter it.")
    return format_html(text, old=format_html("<span data-wrap>{}</span>", readable(old)))


def taken(name: str) -> Sentence:
    """Return what to say of a value of the attribute ``name`` that is another account's."""
    return TAKEN.get(name, NAME_TAKEN)


def not_delivered(target: str) -> SafeString:
    """Return what to say where no code can be sent to ``target``."""
    text = _("We couldn’t send a code to <strong data-wrap>{target}</strong>. Check it, or use another way.")
    return format_html(text, target=readable(target))
