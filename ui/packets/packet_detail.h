// One packet taken apart: its fields as the standard names them, and its bytes. Choosing a field marks its bytes.
#pragma once

#include "core/mqtt/dissect.h"
#include "ui/packets/finding_words.h"
#include "ui/packets/trace_log.h"

#include <QAbstractTableModel>
#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QSplitter;

namespace sessionscope {

class FindingLabel;
class TableView;

/// Field and value, indented by depth.
class FieldModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void setFields(const QList<FieldSpan> &fields);
    const QList<FieldSpan> &fields() const { return m_fields; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : 2; }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    QList<FieldSpan> m_fields;
};

class PacketDetail : public QWidget
{
    Q_OBJECT

public:
    /// Bytes shown in hexadecimal at most; what exceeds it is named below them.
    static constexpr qsizetype hexLimit = 16 * 1024;

    /// log, which has the records, outlives this.
    explicit PacketDetail(const TraceLog &log, QWidget *parent = nullptr);

    /// nullptr: nothing is selected. findings are what is wrong with it.
    void setRecord(const TraceRecord *record, const QList<ShownFinding> &findings = {});

    const FieldModel *fields() const { return m_fields; }
    QString title() const;
    QString hexText() const;
    FindingLabel *findings() const { return m_findings; }

private:
    void showPacket(const TraceRecord &record, const PacketTrace &packet);
    void markField(int row);
    void selectFieldAt(qsizetype byte);

    const TraceLog &m_log;
    QLabel *m_title;
    FindingLabel *m_findings;
    FieldModel *m_fields;
    TableView *m_table;
    QPlainTextEdit *m_hex;
    QSplitter *m_parts;
    qsizetype m_shownBytes = 0;
    bool m_marking = false;
};

} // namespace sessionscope
