// The packet list of a page with its filter, and the selected packet taken apart beside it.
// Follows the newest row while it is at the end; scrolling up stops that.
#pragma once

#include "ui/packets/packet_model.h"

#include <QLineEdit>
#include <QPointer>
#include <QWidget>

class QSplitter;

namespace sessionscope {

class PacketDetail;
class TableView;

class PacketsPanel : public QWidget
{
    Q_OBJECT

public:
    /// log outlives the panel.
    explicit PacketsPanel(const TraceLog &log, QWidget *parent = nullptr);
    ~PacketsPanel() override;

    void setSource(const TraceSource &source) { m_model->setSource(source); }
    void addBrokerLink(LinkId link, LogRow since) { m_model->addBrokerLink(link, since); }
    PacketModel *model() const { return m_model; }
    TableView *table() const { return m_table; }
    PacketDetail *detail() const { return m_detail; }
    /// The statement that the selected packet or event breaks; empty when it breaks none.
    QString statementId() const;
    /// The filter field; made here, placed by the page.
    QLineEdit *filterField() const { return m_filter; }

Q_SIGNALS:
    void statementRequested(const QString &id);

private:
    void applyFilter();
    void showCurrent();
    void openStatement();
    void keepFollowing();

    PacketModel *m_model;
    TableView *m_table;
    PacketDetail *m_detail;
    QPointer<QLineEdit> m_filter; ///< gone with the page that placed it
    bool m_atEnd = true;
};

} // namespace sessionscope
