#include "tests/vectors/vectors.h"

#include <QDir>
#include <QFile>

namespace sessionscope::vectors {

namespace {

[[noreturn]] void refuse(const QString &file, int line, const char *why)
{
    qFatal("%s:%d: %s", qPrintable(file), line, why);
    std::abort();
}

// "32 07 78*3": bytes in hexadecimal, each perhaps with a decimal count.
QByteArray bytesFrom(const QByteArray &text)
{
    QByteArray bytes;
    for (const auto &word : text.simplified().split(' ')) {
        const auto parts = word.split('*');
        const auto byte = QByteArray::fromHex(parts[0]);
        bytes += parts.size() == 2 ? byte.repeated(parts[1].toLongLong()) : byte;
    }
    return bytes;
}

// One stanza before it is spread over its versions and senders.
struct Stanza
{
    Vector vector{};
    QList<Version> versions{};
    QList<Sender> senders{};
};

bool readHeading(Stanza &stanza, const QByteArray &line)
{
    for (const auto &word : line.simplified().split(' ')) {
        if (word == "5.0")
            stanza.versions.append(Version::V5);
        else if (word == "3.1.1")
            stanza.versions.append(Version::V311);
        else if (word == "3.1")
            stanza.versions.append(Version::V31);
        else if (word == "client")
            stanza.senders.append(Sender::Client);
        else if (word == "server")
            stanza.senders.append(Sender::Server);
        else
            return false;
    }
    return !stanza.versions.isEmpty() && !stanza.senders.isEmpty();
}

bool readExpectation(Vector &vector, const QByteArray &line)
{
    const auto space = line.indexOf(' ');
    const auto word = line.left(space);
    const auto rest = line.mid(space + 1);
    if (word == "reads")
        vector.reads = rest;
    else if (word == "writes")
        vector.writes = bytesFrom(rest);
    else if (word == "breaks")
        vector.breaks.append(rest);
    else if (word == "malformed")
        vector.malformed = rest;
    else if (line == "context no-problem-information")
        vector.requestProblemInformation = false;
    else
        return false;
    return true;
}

void spread(QList<Vector> &all, const Stanza &stanza, const QByteArray &fileName)
{
    for (const auto version : stanza.versions) {
        for (const auto sender : stanza.senders) {
            auto vector = stanza.vector;
            vector.version = version;
            vector.from = sender;
            const char *versionName = version == Version::V5 ? "5.0" : version == Version::V311 ? "3.1.1" : "3.1";
            vector.name = fileName + ": " + vector.name + ", " + versionName +
                          (sender == Sender::Client ? ", client" : ", server");
            if (vector.writes.isEmpty())
                vector.writes = vector.bytes;
            all.append(vector);
        }
    }
}

void loadFile(QList<Vector> &all, const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        refuse(path, 0, "cannot be read");
    const auto lines = file.readAll().split('\n');
    const auto fileName = QFileInfo(path).baseName().toUtf8();
    for (int at = 0; at < lines.size(); ++at) {
        if (!lines[at].startsWith("== "))
            continue;
        Stanza stanza;
        stanza.vector.name = lines[at].mid(3);
        if (at + 2 >= lines.size() || !readHeading(stanza, lines[++at]))
            refuse(path, at + 1, "expected versions and senders");
        stanza.vector.bytes = bytesFrom(lines[++at]);
        while (at + 1 < lines.size() && !lines[at + 1].isEmpty()) {
            if (!lines[++at].startsWith('#') && !readExpectation(stanza.vector, lines[at]))
                refuse(path, at + 1, "expected reads, writes, breaks, malformed or context");
        }
        if (stanza.vector.reads.isEmpty() == stanza.vector.malformed.isEmpty())
            refuse(path, at + 1, "expected either reads or malformed");
        spread(all, stanza, fileName);
    }
}

} // namespace

QList<Vector> load(const QString &folder)
{
    QList<Vector> all;
    const QDir dir(folder);
    for (const auto &name : dir.entryList({QStringLiteral("*.txt")}, QDir::Files, QDir::Name))
        loadFile(all, dir.filePath(name));
    if (all.isEmpty())
        refuse(folder, 0, "holds no vectors");
    return all;
}

} // namespace sessionscope::vectors
