// What cannot be decoded breaks a statement too: which one, by problem and field.
#include "core/rules/rules.h"

#include <cstring>

namespace sessionscope::rules {

namespace {

using Problem = Malformed::Problem;

struct MalformedRow
{
    Problem problem;
    const char *field; ///< nullptr for every field
    const char *v5;
    const char *v3;
};

constexpr const char *anyV5 = "MQTT-4.13.1-1";
constexpr const char *anyV3 = "v3:MQTT-4.8.0-1";

// The first row that fits counts.
constexpr MalformedRow rows[] = {
    {Problem::FieldRunsPastEnd, "Client Identifier", "MQTT-3.1.3-3", "v3:MQTT-3.1.3-3"},
    {Problem::FieldRunsPastEnd, "Will Property Length", "MQTT-3.1.2-9", nullptr},
    {Problem::FieldRunsPastEnd, "Will Topic", "MQTT-3.1.2-9", "v3:MQTT-3.1.2-9"},
    {Problem::FieldRunsPastEnd, "Will Payload", "MQTT-3.1.2-9", "v3:MQTT-3.1.2-9"},
    {Problem::FieldRunsPastEnd, "User Name", "MQTT-3.1.2-17", "v3:MQTT-3.1.2-19"},
    {Problem::FieldRunsPastEnd, "Password", "MQTT-3.1.2-19", "v3:MQTT-3.1.2-21"},
    {Problem::FieldRunsPastEnd, "Topic Name", "MQTT-3.3.2-1", "v3:MQTT-3.3.2-1"},
    {Problem::FieldRunsPastEnd, "Property Length", "MQTT-2.2.2-1", nullptr},
    {Problem::ReservedType, nullptr, "v5 §2.1.2", "v3 §2.2.1"},
    {Problem::BadLength, nullptr, "MQTT-1.5.5-1", "v3 §2.2.3"},
    {Problem::UnknownProperty, nullptr, "v5 §2.2.2.2", nullptr},
    {Problem::BadPropertyLength, nullptr, "v5 §2.2.2.1", nullptr},
    {Problem::UnsupportedVersion, "Protocol Name", "MQTT-3.1.2-1", "v3:MQTT-3.1.2-1"},
    {Problem::UnsupportedVersion, nullptr, "MQTT-3.1.2-2", "v3:MQTT-3.1.2-2"},
};

const char *statementOf(const Malformed &malformed, const Context &context)
{
    const bool isV5 = context.version == Version::V5;
    if (malformed.problem == Problem::TooLarge && isV5)
        return context.from == Sender::Client ? "MQTT-3.2.2-15" : "MQTT-3.1.2-24";
    for (const auto &row : rows) {
        const char *statement = isV5 ? row.v5 : row.v3;
        const bool fits =
            row.problem == malformed.problem && (!row.field || std::strcmp(row.field, malformed.field) == 0);
        if (fits && statement)
            return statement;
    }
    return isV5 ? anyV5 : anyV3;
}

} // namespace

Finding findingOf(const Malformed &malformed, const Context &context)
{
    return {statementOf(malformed, context), malformed.reason, context.from, problemText(malformed.problem),
            Answer::Close};
}

} // namespace sessionscope::rules
