"""The addresses, grouped by what people want. How a URL name leads to view, template and test: docs/flows.md."""

from django.urls import path

from accounts.views.account import account, download_data
from accounts.views.activity import activity
from accounts.views.another_way import AnotherWayView
from accounts.views.api_accounts import api_accounts, api_confirm_account, api_resend_code
from accounts.views.api_me import api_me
from accounts.views.brand_css import brand_css
from accounts.views.challenge import ChallengeView
from accounts.views.change_password import ChangePasswordView
from accounts.views.complete_registration import CompleteRegistrationView, resend_registration_code
from accounts.views.confirm_access import ConfirmAccessView, confirm_access_options, finish_act
from accounts.views.connections import connect_provider, connections, disconnect_provider
from accounts.views.delete_account import DeleteAccountView
from accounts.views.federated_login import federated_callback, federated_login
from accounts.views.files import delete_file, download_file, files, new_folder, replace_files, upload_files
from accounts.views.forgot_password import ForgotPasswordView
from accounts.views.health import livez, readyz
from accounts.views.home import help_page, home, privacy, well_known_change_password
from accounts.views.inbox import inbox
from accounts.views.login import LoginView, login_options
from accounts.views.login_code import LoginCodeView
from accounts.views.login_passkey import LoginPasskeyView
from accounts.views.logout import logout
from accounts.views.openapi import openapi
from accounts.views.passkey_offer import passkey_offer
from accounts.views.passkeys import delete_passkey, passkey, passkey_add, passkey_options, passkeys
from accounts.views.profile import ProfileView
from accounts.views.register import RegisterView
from accounts.views.resend_sign_in_code import resend_sign_in_code
from accounts.views.reset_password import ResetPasswordView, resend_reset_code
from accounts.views.security import security
from accounts.views.sessions import end_other_sessions, end_session, sessions, sign_out_everywhere
from accounts.views.set_language import set_language
from accounts.views.totp import TotpView
from accounts.views.two_step import two_step
from accounts.views.verify_attribute import VerifyAttributeView, cancel_attribute_change, resend_attribute_code
from accounts.views.verify_code import VerifyCodeView, resend_code

urlpatterns = [
    path("", home, name="home"),
    path("help/", help_page, name="help"),
    path("privacy/", privacy, name="privacy"),
    path("brand.css", brand_css, name="brand_css"),
    path("language/", set_language, name="set_language"),
    # Registering
    path("register/", RegisterView.as_view(), name="register"),
    path("register/complete/", CompleteRegistrationView.as_view(), name="complete_registration"),
    path("register/complete/resend/", resend_registration_code, name="resend_registration_code"),
    path("verify-code/", VerifyCodeView.as_view(), name="verify_code"),
    path("verify-code/resend/", resend_code, name="resend_code"),
    # Signing in and out
    path("login/", LoginView.as_view(), name="login"),
    path("login/passkey/", LoginPasskeyView.as_view(), name="login_passkey"),
    path("login/code/", LoginCodeView.as_view(), name="login_code"),
    path("login/options/", login_options, name="login_options"),
    path("login/with/<str:provider>/", federated_login, name="federated_login"),
    path("login/callback/", federated_callback, name="federated_callback"),
    path("login/challenge/", ChallengeView.as_view(), name="challenge"),
    path("login/challenge/resend/", resend_sign_in_code, name="resend_sign_in_code"),
    path("login/another-way/", AnotherWayView.as_view(), name="another_way"),
    path("logout/", logout, name="logout"),
    # Recovering
    path("password/forgot/", ForgotPasswordView.as_view(), name="forgot_password"),
    path("password/reset/", ResetPasswordView.as_view(), name="reset_password"),
    path("password/reset/resend/", resend_reset_code, name="resend_reset_code"),
    # One's own account
    path("account/", account, name="account"),
    path("account/confirm/", ConfirmAccessView.as_view(), name="confirm_access"),
    path("account/confirm/options/", confirm_access_options, name="confirm_access_options"),
    path("account/confirm/finish/", finish_act, name="finish_act"),
    path("account/profile/", ProfileView.as_view(), name="profile"),
    path("account/profile/verify/", VerifyAttributeView.as_view(), name="verify_attribute"),
    path("account/profile/verify/resend/", resend_attribute_code, name="resend_attribute_code"),
    path("account/profile/verify/cancel/", cancel_attribute_change, name="cancel_attribute_change"),
    path("account/password/", ChangePasswordView.as_view(), name="change_password"),
    path("account/security/", security, name="security"),
    path("account/security/two-step/<str:method>/<str:switch>/", two_step, name="two_step"),
    path("account/security/totp/", TotpView.as_view(), name="totp"),
    path("account/security/passkeys/", passkeys, name="passkeys"),
    path("account/security/passkeys/options/", passkey_options, name="passkey_options"),
    path("account/security/passkeys/add/", passkey_add, name="passkey_add"),
    path("account/security/passkeys/offer/", passkey_offer, name="passkey_offer"),
    path("account/security/passkeys/<str:passkey_id>/", passkey, name="passkey"),
    path("account/security/passkeys/<str:passkey_id>/delete/", delete_passkey, name="delete_passkey"),
    path("account/connections/", connections, name="connections"),
    path("account/connections/<str:provider>/connect/", connect_provider, name="connect_provider"),
    path("account/connections/<str:provider>/disconnect/", disconnect_provider, name="disconnect_provider"),
    path("account/sessions/", sessions, name="sessions"),
    path("account/sessions/end-others/", end_other_sessions, name="end_other_sessions"),
    path("account/sessions/sign-out-everywhere/", sign_out_everywhere, name="sign_out_everywhere"),
    path("account/sessions/<uuid:public_id>/end/", end_session, name="end_session"),
    path("account/activity/", activity, name="activity"),
    path("account/data/", download_data, name="download_data"),
    path("account/delete/", DeleteAccountView.as_view(), name="delete_account"),
    # Programs, with an access token or a form of their own
    path("api/openapi.json", openapi, name="openapi"),
    path("api/me", api_me, name="api_me"),
    path("api/accounts", api_accounts, name="api_accounts"),
    path("api/accounts/confirm", api_confirm_account, name="api_confirm_account"),
    path("api/accounts/resend", api_resend_code, name="api_resend_code"),
    # One's own files, where there are any
    path("files/", files, name="files"),
    path("files/upload/", upload_files, name="upload_files"),
    path("files/replace/", replace_files, name="replace_files"),
    path("files/download/", download_file, name="download_file"),
    path("files/delete/", delete_file, name="delete_file"),
    path("files/folder/", new_folder, name="new_folder"),
    # Machines
    path(".well-known/change-password", well_known_change_password, name="well_known_change_password"),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("dev/inbox/", inbox, name="inbox"),
]
