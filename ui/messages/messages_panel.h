// The messages a client received, and the selected one in full with its properties.
#pragma once

#include "ui/messages/message_model.h"

#include <QWidget>

class QPlainTextEdit;

namespace sessionscope {

class TableView;

class MessagesPanel : public QWidget
{
    Q_OBJECT

public:
    /// Bytes of a payload shown at most.
    static constexpr qsizetype payloadLimit = 64 * 1024;

    /// log outlives the panel.
    explicit MessagesPanel(const TraceLog &log, QWidget *parent = nullptr);

    void setSource(const TraceSource &source) { m_model->setSource(source); }
    MessageModel *model() const { return m_model; }
    TableView *table() const { return m_table; }

private:
    void showCurrent();

    const TraceLog &m_log;
    MessageModel *m_model;
    TableView *m_table;
    QPlainTextEdit *m_detail;
};

} // namespace sessionscope
