// The packet list of a page with its filter, and the selected packet taken apart beside it.
// Follows the newest row while it is at the end; scrolling up stops that.
#pragma once

#include "ui/packets/packet_model.h"

#include <QWidget>

class QLineEdit;
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

    void setSource(const TraceSource &source) { m_model->setSource(source); }
    PacketModel *model() const { return m_model; }
    TableView *table() const { return m_table; }
    PacketDetail *detail() const { return m_detail; }
    /// The filter field; made here, placed by the page.
    QLineEdit *filterField() const { return m_filter; }

private:
    void applyFilter();
    void showCurrent();
    void keepFollowing();

    PacketModel *m_model;
    TableView *m_table;
    PacketDetail *m_detail;
    QLineEdit *m_filter;
    bool m_atEnd = true;
};

} // namespace sessionscope
