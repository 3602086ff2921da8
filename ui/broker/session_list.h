// The sessions of the bundled broker: who, how much is on its way and queued, and how long each will live.
#pragma once

#include "core/trace/session_view.h"
#include "ui/common/row_model.h"

#include <QWidget>

class QLabel;
class QListView;

namespace sessionscope {

/// What the list needs of a ServerSessionView.
struct SessionRow
{
    QByteArray clientId;
    Version version = Version::V5;
    bool connected = false;
    Instant since;
    quint32 sessionExpiryInterval = 0;
    std::optional<Instant> endsAt;
    qsizetype inFlight = 0;
    qsizetype queued = 0;
    bool operator==(const SessionRow &) const = default;
};
using SessionRowModel = RowModel<SessionRow>;

/// "3 in flight · 12 queued", with the version in front when it is not 5.0.
QString loadWords(const SessionRow &row);

class SessionList : public QWidget
{
    Q_OBJECT

public:
    explicit SessionList(QWidget *parent = nullptr);

    void setView(const BrokerView &broker);
    void setNow(Instant now);
    SessionRowModel *model() const { return m_model; }
    QListView *view() const { return m_view; }

Q_SIGNALS:
    void opened(const QByteArray &clientId);

private:
    SessionRowModel *m_model;
    QListView *m_view;
    QLabel *m_count = nullptr;
    QLabel *m_empty;
};

} // namespace sessionscope
