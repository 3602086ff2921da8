// What `sessionscope-cli connect` was asked to do, as a value.
#pragma once

#include "app/cli/options.h"
#include "app/cli/steps.h"

#include "core/lab/misbehaving_client.h"
#include "core/session/authenticator.h"

namespace sessionscope::cli {

struct ConnectPlan
{
    std::optional<Endpoint> broker; ///< none: the bundled one, started for this run
    TlsSettings profileTls;         ///< until it is the broker's
    ConnectPacket connect;
    ClientPolicy policy;
    std::optional<Authentication> authentication;
    QByteArray profileMethod;                           ///< the profile's method of authentication
    std::vector<SubscribeCommand> profileSubscriptions; ///< until they are steps
    std::vector<PacketType> heldAcks;                   ///< from the start
    ClientWays misbehaviour;                            ///< the same
    QList<Step> steps;                                  ///< connect, subscribe, publish, then the --then steps
    std::optional<int> count;                           ///< messages to receive before the end
    std::optional<Duration> wait;                       ///< how long to stay after the steps
    Duration timeout = std::chrono::seconds(30);        ///< for every answer that is waited for
    bool staysUntilStopped = false;                     ///< neither steps nor limits say when it is over
    QString recordFile;                                 ///< where what is done becomes a scenario; empty: nowhere
    QString captureFile;                                ///< where all that happened goes; empty: nowhere
    bool showPackets = false;
    bool showState = false;
    bool asJson = false;
};

Options declareConnectOptions();
/// The plan behind parsed options, or the first one that is wrong.
Parsed<ConnectPlan> connectPlan(const Options &options);

} // namespace sessionscope::cli
