#include "core/profile/import_files.h"

#include "core/profile/profile_folder.h"
#include "core/profile/shell_words.h"
#include "core/profile/write_profile.h"

#include <QDir>

namespace sessionscope {

namespace {

ImportResult importCommandLines(QString text, const QString &name)
{
    ProfileImport all;
    text.replace(QStringLiteral("\\\n"), QStringLiteral(" "));
    for (const QString &line : text.split(u'\n')) {
        if (line.trimmed().isEmpty() || line.trimmed().startsWith(u'#'))
            continue;
        const auto words = shellWords(line);
        if (!words)
            return words.error();
        auto one = importMosquitto(*words, name);
        if (!one)
            return one;
        for (const ImportedProfile &profile : one->profiles)
            all.profiles.push_back(profile);
        all.notes += one->notes;
    }
    if (all.profiles.empty())
        return QStringLiteral("no command line in it: expected one such as mosquitto_sub -h host -t 'a/#'");
    return all;
}

QString pathOf(const ImportedProfile &imported, const QString &folder)
{
    QStringList parts{folder};
    for (const QString &part : imported.folder.split(u'/', Qt::SkipEmptyParts))
        parts << fileNameOf(part);
    parts << fileNameOf(imported.profile.name) + QStringLiteral(".yaml");
    return parts.join(u'/');
}

} // namespace

ImportResult importText(ImportFormat format, const QByteArray &text, const QString &name)
{
    switch (format) {
    case ImportFormat::Mqttx:
        return importMqttx(text);
    case ImportFormat::MqttExplorer:
        return importMqttExplorer(text);
    case ImportFormat::Mosquitto:
        break;
    }
    return importCommandLines(QString::fromUtf8(text), name);
}

void anchorFiles(ProfileImport &imported, const QString &folder)
{
    for (ImportedProfile &one : imported.profiles) {
        TlsSettings &tls = one.profile.client.tls;
        for (QString *file : {&tls.caFile, &tls.certificateFile, &tls.keyFile}) {
            if (!file->isEmpty())
                *file = QDir(folder).absoluteFilePath(*file);
        }
    }
}

SavedImport saveImport(const ProfileImport &imported, const QString &folder)
{
    SavedImport saved;
    for (const ImportedProfile &one : imported.profiles) {
        const QString path = pathOf(one, folder);
        if (const auto wrong = saveTextFile(path, writeProfile(one.profile), Overwrite::No))
            saved.problems << *wrong;
        else
            saved.paths << path;
    }
    return saved;
}

} // namespace sessionscope
