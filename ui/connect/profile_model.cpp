#include "ui/connect/profile_model.h"

#include "ui/common/words.h"

namespace sessionscope {

QList<Profile> startingProfiles()
{
    const auto device = [](const QString &id) {
        Profile profile;
        profile.name = id;
        profile.values.clientId = id;
        profile.values.cleanStart = false;
        profile.values.expiry = {ExpiryKind::Seconds, 3600};
        profile.values.receiveMaximum = 10;
        return profile;
    };
    Profile plant7 = device(QStringLiteral("plant-7"));
    plant7.values.will =
        WillValues{QStringLiteral("plant/7/lost"), QStringLiteral("lost"), Qos::AtLeastOnce, false, 30};
    const Profile plant8 = device(QStringLiteral("plant-8"));
    Profile backend;
    backend.name = QStringLiteral("backend");
    backend.values.clientId = backend.name;
    Profile probe;
    probe.name = QStringLiteral("probe-2");
    probe.values.clientId = probe.name;
    probe.values.version = Version::V311;
    probe.values.cleanStart = false;
    return {plant7, plant8, backend, probe};
}

int ProfileModel::add(const Profile &profile)
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
                                    [key](const Profile &profile) { return profile.key == key; });
    return found == m_profiles.end() ? -1 : int(found - m_profiles.begin());
}

void ProfileModel::setValues(int row, const ConnectValues &values)
{
    m_profiles[row].values = values;
    Q_EMIT dataChanged(index(row), index(row));
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
                           [&](const Profile &profile) { return profile.name == candidate; });
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
    const Profile &profile = m_profiles[index.row()];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return profile.name;
    case Qt::AccessibleTextRole:
        return QString(profile.name + QStringLiteral(", ") + words::connection(profile.connection));
    case Qt::ToolTipRole:
        return tr("Client ID %1, %2, %3")
            .arg(profile.values.clientId.isEmpty() ? tr("(assigned)") : profile.values.clientId,
                 words::version(profile.values.version), words::connection(profile.connection));
    default:
        return {};
    }
}

bool ProfileModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    const QString name = value.toString().trimmed();
    if (role != Qt::EditRole || !index.isValid() || name.isEmpty())
        return false;
    Profile &profile = m_profiles[index.row()];
    if (name == profile.name)
        return true;
    profile.name = freeName(name);
    Q_EMIT dataChanged(index, index);
    Q_EMIT renamed(index.row());
    return true;
}

Qt::ItemFlags ProfileModel::flags(const QModelIndex &index) const
{
    return QAbstractListModel::flags(index) | (index.isValid() ? Qt::ItemIsEditable : Qt::NoItemFlags);
}

} // namespace sessionscope
