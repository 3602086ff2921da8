// Finds what a text cites: statements by their ids, scenarios by their numbers, and the test functions of a QtTest
// program with what stands above and inside them. It knows the way things are written down and nothing of what they
// mean.
#pragma once

#include <QList>
#include <QString>
#include <QStringList>

namespace sessionscope::statements {

/// An id where it stands.
struct Citation
{
    QString id;   ///< "MQTT-3.3.1-2", "v3:MQTT-3.3.1-2"
    int line = 0; ///< counted from 1
    bool operator==(const Citation &) const = default;
};

/// Every id in text, in order. What follows an id may be short: "MQTT-3.2.2-11, -14 and -15", "MQTT-3.3.4-3 to -5".
QList<Citation> citationsIn(const QString &text);

/// The ids of citationsIn, each once, sorted.
QStringList idsIn(const QString &text);

/// One test function with the comment directly above it and, where it is driven by data, the function that gives them.
struct TestFunction
{
    QString name;
    QStringList ids;      ///< cited in its comment, its body or its data
    QList<int> scenarios; ///< of its name: S24_S25_refuses_… plays 24 and 25
    bool operator==(const TestFunction &) const = default;
};

/// The test functions of a QtTest source: what is declared below Q_SLOTS and defined in this text.
QList<TestFunction> testFunctionsIn(const QString &path, const QString &text);

/// A vector of tests/vectors and the ids its lines name.
struct VectorStanza
{
    QString name;
    QStringList ids;
};
QList<VectorStanza> vectorsIn(const QString &text);

/// A scenario of tests/scenarios/README.md.
struct Scenario
{
    int number = 0;
    QStringList ids; ///< of its refs column
    QString waits;   ///< what it waits for before it can be played; empty when a test must play it
    bool operator==(const Scenario &) const = default;
};
QList<Scenario> scenariosIn(const QString &text);

} // namespace sessionscope::statements
