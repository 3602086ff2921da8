#include "core/profile/profile.h"

#include "core/scenario/grammar.h"
#include "core/scenario/read_client.h"
#include "core/scenario/take_profiles.h"
#include "core/scenario/verb_readers.h"

#include <algorithm>

namespace sessionscope {

namespace {

Profile readRoot(const Node &root, Problems &problems)
{
    Profile profile;
    if (const Node *name = root.find(u"profile"))
        profile.name = name->text;
    if (const Node *about = root.find(u"about"))
        profile.about = about->text;
    profile.client.name = profile.name.toUtf8();
    profile.client.connect.clientId = profile.client.name;
    readClient(root, root.place, profile.client, problems);
    if (const Node *broker = root.find(u"broker"); broker && broker->text != u"bundled")
        profile.client.broker = readUrl(*broker, problems);
    if (const Node *method = root.find(u"auth_method")) {
        profile.authMethod = method->text.toUtf8();
        if (profile.client.connect.protocolLevel != quint8(Version::V5))
            problems.push_back({method->place, QStringLiteral("auth_method needs MQTT 5: expected version: 5")});
        if (!profile.client.connect.userName || profile.client.passwordFrom.isNone())
            problems.push_back({method->place, QStringLiteral("auth_method proves who the user is: expected username "
                                                              "and password beside it")});
    }
    if (const Node *list = root.find(u"subscribe")) {
        for (const Node &item : list->items)
            profile.subscribe.push_back(readSubscription(item, problems));
    }
    return profile;
}

} // namespace

Result<Profile, Problems> readProfile(const QByteArray &text, const QString &file)
{
    const auto document = readDocument(text, file);
    if (!document)
        return document.error();
    Problems problems;
    checkProfile(*document, problems);
    Profile profile;
    // Names and numbers are worth a look even beside a misspelt key.
    if (document->isMap())
        profile = readRoot(*document, problems);
    if (problems.empty())
        return profile;
    std::ranges::stable_sort(problems, [](const Problem &a, const Problem &b) {
        return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
    });
    return problems;
}

QStringList profileKeys()
{
    QStringList keys;
    for (const Field &field : profileShape().fields)
        keys << field.name;
    return keys;
}

} // namespace sessionscope
