// The messages that were delivered to one client's application, in order of arrival.
#pragma once

#include "ui/packets/log_model.h"

namespace sessionscope {

class MessageModel : public LogModel
{
    Q_OBJECT

public:
    enum Column
    {
        Number,
        Time,
        Topic,
        QosLevel,
        Retain,
        Payload,
        Bytes,
        Columns
    };

    using LogModel::LogModel;

    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : Columns; }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    /// The message of a row.
    const PublishPacket &message(int row) const;

protected:
    bool accepts(const LogDigest &digest, LogRow row) const override;

private:
    QString payloadInFull(const TraceRecord &record) const;
    QString text(const TraceRecord &record, int column) const;
};

} // namespace sessionscope
