// Commands of a lab as a scenario file says them: the verbs of verbs.h, backwards. What is as it would be without being
// said is left out.
#pragma once

#include "core/lab/lab.h"
#include "core/scenario/secret_reference.h"
#include "core/scenario/write_document.h"

namespace sessionscope {

/// The fields of a CONNECT. The password is not among them.
Node connectNode(const ConnectPacket &connect);
/// Filters with their options: one, or a list.
Node subscribeNode(const SubscribeCommand &command);
/// The ways of a client that differ from those it has unless told.
Node policyNode(const ClientPolicy &policy);
/// What is set of the certificates. Names of files are as they can be opened, or as they stand.
enum class FileNames : quint8
{
    Resolved,
    AsWritten
};
Node tlsNode(const TlsSettings &tls, FileNames names);
/// Where a broker is, with the certificates for it.
Node brokerNode(const Endpoint &broker);
/// How a connection is closed: "close", or { websocket_close: 1001 }.
Node closeNode(CloseHow how);
/// The verb with what belongs to it: { publish: … }. Nothing when no verb says it, or must not: raw bytes that could
/// hold a password.
std::optional<Node> verbOf(const LabCommand &command);

/// Where a password is found. Null for none.
Node passwordNode(const SecretReference &reference);

/// A reason code by its number; "success" for 0.
Node reasonNode(quint8 reason);
/// A text in which nothing is replaced when the file is read.
Node textNode(const QByteArray &text);
/// Text when it is printable, else { hex: … }.
Node payloadNode(const QByteArray &payload);

} // namespace sessionscope
