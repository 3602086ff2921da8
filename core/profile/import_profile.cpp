#include "core/profile/import_profile.h"

#include "core/profile/json_fields.h"

namespace sessionscope {

void askForPassword(ProfileImport &import, Profile &profile)
{
    profile.client.passwordFrom = {SecretSource::Asked,
                                   QString::fromUtf8(profile.client.connect.userName.value_or(profile.client.name))};
    import.notes << QStringLiteral(
                        "%1: the password is not taken over: the profile asks for it (password: { ask: true })")
                        .arg(profile.name);
}

QString takeBroker(Profile &profile, const Endpoint &endpoint)
{
    const auto checked = parseEndpoint(toUrl(endpoint));
    if (!checked)
        return checked.error();
    profile.client.broker = *checked;
    return {};
}

} // namespace sessionscope
