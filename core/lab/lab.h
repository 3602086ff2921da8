// The lab: clients, the bundled broker and the framing of their links, stepped as one value.
// Bytes and commands in, bytes and trace records out. What moves the bytes and what time it is are the driver's business.
#pragma once

#include "core/broker/broker.h"
#include "core/link/network.h"
#include "core/mqtt/framer.h"
#include "core/session/client_session.h"
#include "core/trace/session_view.h"
#include "core/trace/trace.h"

#include <map>
#include <variant>

namespace sessionscope
{

// ---- commands: what a click, a key, a line of a script can ask for ----

struct AddClient
{
    ClientKey key; ///< chosen by the caller, not 0, not in use
    QByteArray name;
    Endpoint broker;
    ClientPolicy policy;
};
struct RemoveClient
{
    ClientKey key;
};
/// Anything the client's application may do.
struct ClientDo
{
    ClientKey key;
    ClientCommand command;
};
/// Break the client's connection without a DISCONNECT.
struct CutLink
{
    ClientKey key;
    CloseHow how = CloseHow::Reset;
};
struct ConfigureBroker
{
    BrokerConfig config;
};
struct BrokerDo
{
    std::variant<KickClient, EndSession, ShutDown> command;
};

using LabCommand = std::variant<AddClient, RemoveClient, ClientDo, CutLink, ConfigureBroker, BrokerDo>;

} // namespace sessionscope
