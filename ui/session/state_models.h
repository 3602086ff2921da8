// The tables of a session's state, the same at both ends: open exchanges, held messages, queues, subscriptions.
#pragma once

#include "core/trace/session_view.h"
#include "ui/common/row_model.h"

namespace sessionscope {

using ExchangeModel = RowModel<ExchangeView>;
using HeldModel = RowModel<HeldView>;
using HeldAckModel = RowModel<HeldAckView>;
using QueuedModel = RowModel<QueuedView>;
using SubscriptionModel = RowModel<SubscriptionView>;

/// Id, QoS, Waits for, Topic, Age.
ExchangeModel *exchangeModel(QObject *parent);
/// Id, State, Topic, Age.
HeldModel *heldModel(QObject *parent);
/// Id, Packet, State, Age.
HeldAckModel *heldAckModel(QObject *parent);
/// Topic, QoS, Bytes, Expires.
QueuedModel *queuedModel(QObject *parent);
/// Filter, QoS, Id, Options.
SubscriptionModel *subscriptionModel(QObject *parent);

} // namespace sessionscope
