// Everything about the bundled broker that can be set, as one value. One table gives each setting its name, which is
// its key in the file and its option, its help, its way from text and back, and what is seen when it is a limit and is
// reached. README and help are held against it by a test.
#pragma once

#include "core/broker/broker.h"
#include "core/link/endpoint.h"
#include "core/notation/values.h"
#include "core/trace/trace.h"

#include <span>

namespace sessionscope {

struct BrokerSettings
{
    std::vector<Endpoint> listen{Endpoint{}};
    TlsSettings tls; ///< of the listeners that speak TLS
    BrokerConfig config;
    QString passwordFile; ///< empty: any user name is believed, unless there is a scramFile
    QString scramFile;    ///< empty: nobody proves a password by SCRAM
    QString aclFile;      ///< empty: everybody may read and write everything
    Anonymous anonymous = Anonymous::Allowed;
    TraceLevel trace = TraceLevel::Counters;
    bool log = false;
};

struct Setting
{
    enum class Kind : quint8
    {
        Value,
        Switch, ///< true or false; as an option alone it means true
        Path,   ///< in a file relative to that file
        List    ///< several values; as an option given several times
    };
    const char *name;
    Kind kind;
    const char *valueName; ///< as help shows it
    const char *help;
    const char *reached; ///< of a limit: what is seen when it is reached; nullptr otherwise
    std::optional<UsageError> (*set)(BrokerSettings &settings, const QString &text); ///< of a list: one more
    QStringList (*texts)(const BrokerSettings &settings); ///< what set() takes; empty: not set
    void (*clear)(BrokerSettings &settings) = nullptr;    ///< of a list
};

/// Every setting, in the order of help and file.
std::span<const Setting> brokerSettings();

/// Where to listen, with the certificates where they are needed.
std::vector<Endpoint> listenersOf(const BrokerSettings &settings);

/// What no single setting can tell to be wrong.
std::optional<UsageError> contradictionIn(const BrokerSettings &settings);

} // namespace sessionscope
