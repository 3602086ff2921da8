// One packet taken apart: its fields as the standard names them, and its bytes. Choosing a field marks its bytes.
#pragma once

#include "core/mqtt/dissect.h"
#include "ui/packets/finding_words.h"
#include "ui/packets/trace_log.h"

#include <QAbstractTableModel>
#include <QWidget>

#include <functional>

class QPlainTextEdit;
class QSplitter;

namespace sessionscope {

class FindingLabel;
class TableView;
class ValueLabel;

/// Field and value, indented by depth.
class FieldModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    /// inFull gives the same fields with whole values, once somebody wants to copy one.
    void setFields(const QList<FieldSpan> &fields, std::function<QList<FieldSpan>()> inFull = {});
    const QList<FieldSpan> &fields() const { return m_fields; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : 2; }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    QVariant valueInFull(int row) const;

    QList<FieldSpan> m_fields;
    std::function<QList<FieldSpan>()> m_inFull;
    mutable QList<FieldSpan> m_fieldsInFull; ///< empty until somebody wanted one
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
    /// With this many bytes of payload and binary data at most.
    QList<FieldSpan> fieldsOf(const TraceRecord &record, qsizetype longest) const;
    void showPacket(const TraceRecord &record, const PacketTrace &packet);
    void markField(int row);
    void selectFieldAt(qsizetype byte);

    const TraceLog &m_log;
    ValueLabel *m_title;
    FindingLabel *m_findings;
    FieldModel *m_fields;
    TableView *m_table;
    QPlainTextEdit *m_hex;
    QSplitter *m_parts;
    qsizetype m_shownBytes = 0;
    bool m_marking = false;
};

} // namespace sessionscope
