#include "ui/messages/message_model.h"

#include "ui/common/table_view.h"
#include "ui/common/theme.h"
#include "ui/common/words.h"

#include <QBrush>

namespace sessionscope {

namespace {

const PublishPacket *deliveredIn(const TraceRecord &record)
{
    const auto *note = std::get_if<ClientNote>(&record.what);
    const auto *delivered = note ? std::get_if<MessageDelivered>(&note->effect) : nullptr;
    return delivered ? &delivered->publish : nullptr;
}

} // namespace

bool MessageModel::accepts(const LogDigest &digest, LogRow) const
{
    return digest.kind == LogKind::Message;
}

const PublishPacket &MessageModel::message(int row) const
{
    return *deliveredIn(record(row));
}

QVariant MessageModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    const QString titles[Columns] = {tr("#"),      tr("Time"),    tr("Topic"), tr("QoS"),
                                     tr("Retain"), tr("Payload"), tr("Bytes")};
    return section >= 0 && section < Columns ? titles[section] : QVariant();
}

QVariant MessageModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const bool mono = index.column() != Topic && index.column() != Retain;
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return text(record(index.row()), index.column());
    case fullTextRole:
        return index.column() == Payload ? payloadInFull(record(index.row())) : QVariant();
    case Qt::FontRole:
        return mono ? QVariant(monospaceFont()) : QVariant();
    case Qt::ForegroundRole:
        return index.column() <= Time ? QVariant(QBrush(colours().dim)) : QVariant();
    default:
        return {};
    }
}

QString MessageModel::payloadInFull(const TraceRecord &record) const
{
    return log().shown(record, words::payloadInFull(deliveredIn(record)->payload));
}

QString MessageModel::text(const TraceRecord &record, int column) const
{
    const PublishPacket &publish = *deliveredIn(record);
    switch (column) {
    case Number:
        return QString::number(record.seq.value);
    case Time:
        return words::clock(record.at);
    case Topic:
        return log().shown(record, words::text(publish.topic));
    case QosLevel:
        return QString::number(int(publish.qos));
    case Retain:
        return publish.retain ? tr("yes") : QString();
    case Payload:
        return log().shown(record, words::payloadPreview(publish.payload));
    case Bytes:
        return QString::number(publish.payload.size());
    default:
        return {};
    }
}

} // namespace sessionscope
