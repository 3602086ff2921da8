// What the connect form holds, as a value, and the CONNECT packet that it means.
// Nothing is repaired on the way: an empty Client ID or a will without a topic goes out as it was entered.
#pragma once

#include "core/link/endpoint.h"
#include "core/scenario/secret_reference.h"
#include "core/session/authenticator.h"
#include "core/session/client_session.h"

#include <QString>

namespace sessionscope {

/// The four things a Session Expiry Interval can say (v5 §3.1.2.11.2). Absent and 0 mean the same in CONNECT, not in
/// DISCONNECT.
enum class ExpiryKind : quint8
{
    Absent,
    Zero,
    Seconds,
    Never
};

struct ExpiryChoice
{
    ExpiryKind kind = ExpiryKind::Absent;
    quint32 seconds = 3600; ///< of ExpiryKind::Seconds

    /// The property's value; nothing when it is not sent.
    std::optional<quint32> interval() const;
    bool operator==(const ExpiryChoice &) const = default;
};

enum class BrokerChoice : quint8
{
    Bundled,
    Other
};

struct WillValues
{
    QString topic;
    QString payload;
    Qos qos = Qos::AtLeastOnce;
    bool retain = false;
    quint32 delay = 0; ///< seconds; 5.0 only
    bool operator==(const WillValues &) const = default;
};

/// How the client says who it is.
enum class Credentials : quint8
{
    InConnect,  ///< user name and password as they are
    ScramSha256 ///< enhanced authentication; 5.0 only
};

struct ConnectValues
{
    QString clientId;
    BrokerChoice broker = BrokerChoice::Bundled;
    QString host = QStringLiteral("127.0.0.1"); ///< of BrokerChoice::Other
    quint16 port = 1883;
    Version version = Version::V5;
    bool cleanStart = true; ///< Clean Session before 5.0
    ExpiryChoice expiry;
    quint16 keepAlive = 60;        ///< seconds; 0 switches the check off
    quint16 receiveMaximum = 0;    ///< 0: not sent, which means 65 535
    quint32 maximumPacketSize = 0; ///< bytes; 0: not sent, which means no limit
    quint16 topicAliasMaximum = 0; ///< 0: not sent, which means none
    std::optional<WillValues> will;
    QString userName; ///< empty: not sent
    QString password; ///< empty: not sent; never stored
    Credentials credentials = Credentials::InConnect;
    bool reconnects = false;
    bool followsRedirects = false; ///< 5.0 only
    bool resubscribes = false;     ///< when the session is gone
    Scheme scheme = Scheme::Tcp;   ///< of BrokerChoice::Other
    QString path;                  ///< of BrokerChoice::Other
    TlsSettings tls;               ///< of BrokerChoice::Other, and of a bundled broker that listens with TLS
    // What the fields do not show, and what is kept while they change.
    SecretReference passwordFrom;
    bool operator==(const ConnectValues &) const = default;

    /// Seconds that the broker will keep the session after the connection; what 3.1.1 says by Clean Session included.
    quint32 keptFor() const;
};

/// The values laid over base; what the form has no field for stays as it is there.
ConnectPacket toPacket(const ConnectValues &values, const ConnectPacket &base = {});

/// What the client does on its own, laid over base.
ClientPolicy toPolicy(const ConnectValues &values, const ClientPolicy &base = {});

/// Nothing when the credentials are in the CONNECT.
std::optional<Authentication> toAuthentication(const ConnectValues &values);

/// Where to connect to. bundled is the listener of the bundled broker, and has no settings of a client.
Endpoint toEndpoint(const ConnectValues &values, const Endpoint &bundled);

} // namespace sessionscope
