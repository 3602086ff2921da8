// Profiles from what other programs keep: MQTTX and MQTT Explorer exports, and command lines of mosquitto's clients.
// Whatever cannot be taken over is told, a line each; a password never is taken over: the profile asks for it instead,
// and no note repeats it.
#pragma once

#include "core/profile/profile.h"

namespace sessionscope {

struct ImportedProfile
{
    QString folder; ///< below the folder of profiles; empty: directly in it
    Profile profile;
};

struct ProfileImport
{
    std::vector<ImportedProfile> profiles;
    QStringList notes; ///< "plant 7: certType is left out: …"
};

/// Or why it is no such export at all.
using ImportResult = Result<ProfileImport, QString>;

/// The JSON of MQTTX's "Export Data": one connection, or an array of connections and, since 1.13, collections.
ImportResult importMqttx(const QByteArray &json);
/// MQTT Explorer's settings.json, or its exported connections.
ImportResult importMqttExplorer(const QByteArray &json);
/// The words of a command line of mosquitto_sub, mosquitto_pub or mosquitto_rr. name: of the profile; empty: the client
/// identifier, or else the host.
ImportResult importMosquitto(const QStringList &words, const QString &name = {});

} // namespace sessionscope
