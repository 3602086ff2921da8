// What `connect --then` can ask for: one table of verbs, which parses and which the help text is made of.
#pragma once

#include "core/notation/values.h"

#include "core/link/network.h"

#include <variant>

namespace sessionscope::cli {

struct WaitStep
{
    Duration duration{};
};
struct CutStep
{
    CloseHow how = CloseHow::Close;
};
struct ConnectStep
{
    bool again = false; ///< reconnect: Clean Start 0, under the assigned identifier
};
struct DisconnectStep
{
    DisconnectCommand command;
};
struct PublishStep
{
    Message message;
};
struct RequestStep
{
    Message message;
};
struct SubscribeStep
{
    SubscribePacket::Entry entry;
    Properties properties = {};
};
struct UnsubscribeStep
{
    QByteArray filter;
};
struct HoldStep
{
    HoldAcknowledgements command;
};
struct ReleaseStep
{
    ReleaseAcknowledgements command;
};
struct ReauthenticateStep
{
};
struct StateStep
{
};
struct QuitStep
{
};

using Step = std::variant<WaitStep, CutStep, ConnectStep, DisconnectStep, PublishStep, RequestStep, SubscribeStep,
                          UnsubscribeStep, HoldStep, ReleaseStep, ReauthenticateStep, StateStep, QuitStep>;

/// "wait=2s", "cut", "disconnect=with-will,expiry=10s", …
Parsed<Step> parseStep(const QString &text);

/// Each verb with what it does, one a line.
QString stepsHelp();

} // namespace sessionscope::cli
