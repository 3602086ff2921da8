#include "ui/connect/profile_model.h"

#include "core/profile/write_profile.h"
#include "ui/common/words.h"
#include "ui/connect/profile_file.h"

namespace sessionscope {

QList<ProfileEntry> startingProfiles()
{
    const auto device = [](const QString &id) {
        ProfileEntry profile;
        profile.name = id;
        profile.values.clientId = id;
        profile.values.cleanStart = false;
        profile.values.expiry = {ExpiryKind::Seconds, 3600};
        profile.values.receiveMaximum = 10;
        return profile;
    };
    ProfileEntry plant7 = device(QStringLiteral("plant-7"));
    plant7.values.will =
        WillValues{QStringLiteral("plant/7/lost"), QStringLiteral("lost"), Qos::AtLeastOnce, false, 30};
    const ProfileEntry plant8 = device(QStringLiteral("plant-8"));
    ProfileEntry backend;
    backend.name = QStringLiteral("backend");
    backend.values.clientId = backend.name;
    ProfileEntry probe;
    probe.name = QStringLiteral("probe-2");
    probe.values.clientId = probe.name;
    probe.values.version = Version::V311;
    probe.values.cleanStart = false;
    return {plant7, plant8, backend, probe};
}

int ProfileModel::add(const ProfileEntry &profile)
{
    const int row = int(m_profiles.size());
    beginInsertRows({}, row, row);
    m_profiles.append(profile);
    endInsertRows();
    return row;
}

void ProfileModel::remove(int row)
{
    beginRemoveRows({}, row, row);
    m_profiles.removeAt(row);
    endRemoveRows();
}

int ProfileModel::rowOf(ClientKey key) const
{
    const auto found = std::find_if(m_profiles.begin(), m_profiles.end(),
                                    [key](const ProfileEntry &profile) { return profile.key == key; });
    return found == m_profiles.end() ? -1 : int(found - m_profiles.begin());
}

void ProfileModel::setValues(int row, const ConnectValues &values)
{
    const auto withoutPassword = [](ConnectValues shown) {
        shown.password.clear();
        return shown;
    };
    const bool isTouched = withoutPassword(values) != withoutPassword(m_profiles[row].values);
    m_profiles[row].values = values;
    judge(row, isTouched);
    Q_EMIT dataChanged(index(row), index(row));
}

void ProfileModel::setStored(int row, const ProfileEntry &stored)
{
    ProfileEntry &entry = m_profiles[row];
    const ClientKey key = entry.key;
    const ClientConnection connection = entry.connection;
    entry = stored;
    entry.key = key;
    entry.connection = connection;
    Q_EMIT dataChanged(index(row), index(row));
    Q_EMIT renamed(row);
    Q_EMIT changedChanged(row);
}

QList<int> ProfileModel::changedRows() const
{
    QList<int> rows;
    for (int row = 0; row < m_profiles.size(); ++row) {
        if (m_profiles[row].isChanged)
            rows << row;
    }
    return rows;
}

void ProfileModel::judge(int row, bool isTouched)
{
    ProfileEntry &entry = m_profiles[row];
    const bool wasChanged = entry.isChanged;
    if (entry.path.isEmpty())
        entry.isChanged = wasChanged || isTouched;
    else
        entry.isChanged = writeProfile(toProfile(entry.values, entry.name, entry.base)) != writeProfile(entry.base);
    if (entry.isChanged != wasChanged)
        Q_EMIT changedChanged(row);
}

void ProfileModel::setConnection(ClientKey key, ClientConnection connection)
{
    const int row = rowOf(key);
    if (row < 0 || m_profiles[row].connection == connection)
        return;
    m_profiles[row].connection = connection;
    Q_EMIT dataChanged(index(row), index(row));
}

QString ProfileModel::freeName(const QString &name) const
{
    const auto taken = [this](const QString &candidate) {
        return std::any_of(m_profiles.begin(), m_profiles.end(),
                           [&](const ProfileEntry &profile) { return profile.name == candidate; });
    };
    QString candidate = name;
    for (int number = 2; taken(candidate); ++number)
        candidate = QStringLiteral("%1-%2").arg(name).arg(number);
    return candidate;
}

QStringList ProfileModel::othersWithSameId(int row) const
{
    const ConnectValues &own = m_profiles[row].values;
    QStringList names;
    for (int other = 0; other < m_profiles.size(); ++other) {
        const ConnectValues &values = m_profiles[other].values;
        const bool sameBroker = values.broker == own.broker && (own.broker == BrokerChoice::Bundled ||
                                                                (values.host == own.host && values.port == own.port));
        if (other != row && !own.clientId.isEmpty() && values.clientId == own.clientId && sameBroker)
            names << m_profiles[other].name;
    }
    return names;
}

int ProfileModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_profiles.size());
}

QVariant ProfileModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const ProfileEntry &profile = m_profiles[index.row()];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return profile.name;
    case Qt::AccessibleTextRole:
        return QString(profile.name + QStringLiteral(", ") + words::connection(profile.connection) +
                       (profile.isChanged ? tr(", not saved") : QString()));
    case Qt::ToolTipRole:
        return QString(tr("Client ID %1, %2, %3")
                           .arg(profile.values.clientId.isEmpty() ? tr("(assigned)") : profile.values.clientId,
                                words::version(profile.values.version), words::connection(profile.connection)) +
                       u'\n' + (profile.path.isEmpty() ? tr("In no file yet") : profile.path) +
                       (profile.isChanged ? tr(", not saved") : QString()));
    default:
        return {};
    }
}

bool ProfileModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    const QString name = value.toString().trimmed();
    if (role != Qt::EditRole || !index.isValid() || name.isEmpty())
        return false;
    ProfileEntry &profile = m_profiles[index.row()];
    if (name == profile.name)
        return true;
    profile.name = freeName(name);
    judge(index.row(), true);
    Q_EMIT dataChanged(index, index);
    Q_EMIT renamed(index.row());
    return true;
}

Qt::ItemFlags ProfileModel::flags(const QModelIndex &index) const
{
    return QAbstractListModel::flags(index) | (index.isValid() ? Qt::ItemIsEditable : Qt::NoItemFlags);
}

} // namespace sessionscope
