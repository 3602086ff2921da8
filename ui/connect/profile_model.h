// The profiles of this window: named connect values, each with a client of its own once it has connected, and what
// their files say. Names are never empty; the key never changes. Files are read and written elsewhere
// (profile_store.h).
#pragma once

#include "core/profile/profile.h"
#include "core/trace/session_view.h"
#include "ui/connect/connect_values.h"

#include <QAbstractListModel>

namespace sessionscope {

struct ProfileEntry
{
    ClientKey key;
    QString name;
    ConnectValues values;
    ClientConnection connection = ClientConnection::Closed;
    Profile base = {};      ///< as the file has it, with what the form does not show
    QString folder = {};    ///< of the file, below the folder of profiles
    QString path = {};      ///< of the file; empty: there is none yet
    QByteArray text = {};   ///< of the file, as it was last read or written
    bool isChanged = false; ///< differs from the file; without one, somebody has worked on it
};

/// A few clients to begin with: two devices that keep a session, one backend that does not, one of 3.1.1.
QList<ProfileEntry> startingProfiles();

class ProfileModel : public QAbstractListModel
{
    Q_OBJECT

public:
    using QAbstractListModel::QAbstractListModel;

    /// Adds a profile at the end and returns its row.
    int add(const ProfileEntry &profile);
    void remove(int row);
    const ProfileEntry &at(int row) const { return m_profiles[row]; }
    /// -1 when there is none.
    int rowOf(ClientKey key) const;
    const QList<ProfileEntry> &profiles() const { return m_profiles; }

    void setValues(int row, const ConnectValues &values);
    /// The profile is now as its file says.
    void setStored(int row, const ProfileEntry &stored);
    /// Rows that differ from their files.
    QList<int> changedRows() const;
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
    /// Whether the row differs from its file has changed.
    void changedChanged(int row);

private:
    void judge(int row, bool isTouched);

    QList<ProfileEntry> m_profiles;
};

} // namespace sessionscope
