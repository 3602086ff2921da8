// The fields of an object in somebody else's JSON: each is taken as what it should be, or told; what nobody asked for
// is told as well, unless it is empty. For the imports only.
#pragma once

#include "core/profile/import_profile.h"

#include <QJsonObject>
#include <QSet>

namespace sessionscope {

class JsonFields
{
public:
    /// where: begins each note.
    JsonFields(QJsonObject object, QString where, QStringList &notes)
        : m_object(std::move(object)), m_where(std::move(where)), m_notes(notes)
    {
    }

    /// Text; a number as its digits; empty when there is none.
    QString text(const QString &key);
    std::optional<qint64> number(const QString &key, qint64 least, qint64 most);
    /// A boolean, 0 and 1, or their words.
    std::optional<bool> flag(const QString &key);
    QJsonValue value(const QString &key);
    /// Known, and of no meaning for a connection.
    void ignore(std::initializer_list<const char *> keys);
    /// Known, and without a counterpart: told unless it is empty.
    void leaveOut(const QString &key, const QString &why);
    /// Told unless they are empty.
    void leaveOutRest();
    void tell(const QString &what) { m_notes << m_where + QStringLiteral(": ") + what; }

private:
    QJsonObject m_object;
    QString m_where;
    QStringList &m_notes;
    QSet<QString> m_asked;
};

/// Whether nothing is said by it: null, "", 0, false, [] and {}.
bool isEmptyJson(const QJsonValue &value);

/// Names and values; a name with several values, which a profile cannot hold, is told.
void takeUserProperties(Properties &properties, const QJsonValue &value, JsonFields &fields);

/// The reference that stands for a password, and the note that it does.
void askForPassword(ProfileImport &import, Profile &profile);
/// Why the endpoint is none; empty when it is.
QString takeBroker(Profile &profile, const Endpoint &endpoint);

} // namespace sessionscope
