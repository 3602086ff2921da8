// The numbered statements of the two standards as a table: what each demands, whom it binds, where the code checks it
// and which tests hold it. The texts are files (resources/statements); this reads them and finds rows, and opens
// nothing. What the rows of rules.h say of a packet is theirs to tell; the table only names the same statements.
#pragma once

#include "core/base/result.h"
#include "core/mqtt/types.h"

#include <QList>
#include <QString>
#include <QStringList>

namespace sessionscope {

/// Whom a statement binds.
enum class Binds : quint8
{
    Client,
    Server,
    Both,
    Packet ///< the form of a packet: whoever writes it and whoever reads it
};

/// "client", "server", "both", "packet".
QString bindsText(Binds binds);

struct Statement
{
    QString id; ///< "MQTT-x.y.z-n"; of 3.1.1 with "v3:" before it
    Binds binds = Binds::Both;
    QString area;      ///< one word: "session", "will", "topics", …
    QString text;      ///< what it demands, in our words
    QString violation; ///< what the other end has to do about it
    QString example;   ///< how to try it
    QString mqtt31;    ///< how 3.1 differs from this statement of 3.1.1; mostly empty
    QString untested;  ///< why no test can hold it, or not yet; empty when one does
    QStringList alike; ///< the statements of the other version that demand the same
    QStringList where; ///< the files of core/ that name it
    QStringList tests; ///< "broker/tst_broker_qos S45_…", "vectors/publish: QoS of 3", below tests/

    bool isOfV5() const { return !id.startsWith(u"v3:"); }
    bool operator==(const Statement &) const = default;
};

class StatementTable
{
public:
    const QList<Statement> &rows() const { return m_rows; }
    /// The row of exactly this id, or nullptr.
    const Statement *find(const QString &id) const;
    /// The rows that a person means by an id: "3.3.1-2" is the statement of 5.0 and the one of 3.1.1, upper and lower
    /// case are the same, and brackets around it are taken off.
    QList<const Statement *> named(const QString &id) const;
    /// The rows that contain word in any case, in their id, area, texts, places or tests.
    QList<const Statement *> containing(const QString &word) const;

private:
    friend class StatementReader;
    QList<Statement> m_rows;
};

/// Whether a person who asks for a statement by `asked`, as for StatementTable::named(), means the one of this id.
bool meansStatement(const QString &asked, const QString &id);

/// Whether text looks like a statement's id, known or not.
bool isStatementId(const QString &text);

/// Why a table cannot be read.
struct StatementTableError
{
    QString file;
    int line = 0; ///< counted from 1
    QString what;
};

/// Reads statements.csv, which is written by hand, and coverage.csv, which tests/statements writes. The two must have
/// the same ids in the same order, and `alike` may name only ids that are there.
Result<StatementTable, StatementTableError> readStatementTable(const QString &statementsCsv,
                                                               const QString &coverageCsv);

} // namespace sessionscope
