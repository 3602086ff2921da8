// The profiles of this window: named connect values, each with a client of its own once it has connected.
// Kept in memory. Names are never empty; the key never changes.
#pragma once

#include "core/trace/session_view.h"
#include "ui/connect/connect_values.h"

#include <QAbstractListModel>

namespace sessionscope {

struct Profile
{
    ClientKey key;
    QString name;
    ConnectValues values;
    ClientConnection connection = ClientConnection::Closed;
};

/// A few clients to begin with: two devices that keep a session, one backend that does not, one of 3.1.1.
QList<Profile> startingProfiles();

class ProfileModel : public QAbstractListModel
{
    Q_OBJECT

public:
    using QAbstractListModel::QAbstractListModel;

    /// Adds a profile at the end and returns its row.
    int add(const Profile &profile);
    void remove(int row);
    const Profile &at(int row) const { return m_profiles[row]; }
    /// -1 when there is none.
    int rowOf(ClientKey key) const;
    const QList<Profile> &profiles() const { return m_profiles; }

    void setValues(int row, const ConnectValues &values);
    void setConnection(ClientKey key, ClientConnection connection);
    /// name, or name with a number behind it when it is taken.
    QString freeName(const QString &name) const;
    /// Names of the other profiles that would use the same session at the same broker.
    QStringList othersWithSameId(int row) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role) override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

Q_SIGNALS:
    void renamed(int row);

private:
    QList<Profile> m_profiles;
};

} // namespace sessionscope
