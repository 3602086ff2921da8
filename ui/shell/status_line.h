// The status bar: clients and sessions, packets, what was left out, and where the bundled broker listens.
#pragma once

#include "ui/shell/lab_feed.h"

#include <QStatusBar>

class QLabel;

namespace sessionscope {

class ValueLabel;

class StatusLine : public QStatusBar
{
    Q_OBJECT

public:
    explicit StatusLine(QWidget *parent = nullptr);

    void setFeed(const LabFeed &feed);
    /// Where the broker listens, or why it does not.
    void setBroker(const QString &text);

private:
    QLabel *m_counts;
    QLabel *m_packets;
    QLabel *m_limits;
    QLabel *m_expired;
    ValueLabel *m_broker;
};

} // namespace sessionscope
