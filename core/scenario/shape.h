// What a piece of a file may look like: the grammar of the scenario language is a tree of these. One tree checks files,
// says what was expected, and writes the JSON Schema, so the three cannot differ.
#pragma once

#include "core/scenario/document.h"

#include <QJsonObject>

#include <functional>
#include <optional>

namespace sessionscope {

struct Shape;

enum class Need : quint8
{
    Optional,
    Required
};

/// A key of a mapping.
struct Field
{
    QString name;
    const Shape *shape = nullptr;
    QString help; ///< a sentence without its full stop
    Need need = Need::Optional;
};

/// Keys that are not written down one by one, such as the names of clients.
struct KeyPattern
{
    QString expression; ///< a regular expression over the whole key
    const Shape *shape = nullptr;
    QString help;
};

struct Shape
{
    enum class Kind : quint8
    {
        Scalar, ///< one value; wrong tells what is wrong with it
        Words,  ///< one of a few words
        List,
        Map,
        Any,   ///< one of several shapes, told apart by what stands there
        Empty, ///< nothing behind the colon
    };
    Kind kind = Kind::Scalar;
    QString what; ///< "a duration, such as 250ms or 20min"

    /// Of Scalar: why this text is not one; nothing when it is. Left out: any text is.
    std::function<std::optional<QString>(const Node &)> wrong = {};
    QJsonObject schema = {}; ///< of Scalar: what JSON Schema can say about it

    QStringList words = {};                                   ///< of Words
    const Shape *item = nullptr;                              ///< of List
    std::vector<Field> fields = {};                           ///< of Map
    std::vector<KeyPattern> patterns = {};                    ///< of Map: the first that matches counts
    std::vector<const Shape *> any = {};                      ///< of Any, the likeliest first
    std::vector<std::pair<QString, QString>> otherNames = {}; ///< of Map: no keys, and what is said instead
};

// The kinds, made in a line.
Shape mapOf(const QString &what, std::vector<Field> fields);
Shape listOf(const QString &what, const Shape &item);
Shape anyOf(const QString &what, std::vector<const Shape *> any);
Shape wordsOf(const QString &what, const QStringList &words);

/// Appends everything that is wrong with node.
void checkShape(const Node &node, const Shape &shape, Problems &problems);

/// A JSON Schema (draft 2020-12) for files of this shape.
QJsonObject jsonSchemaOf(const Shape &shape, const QString &title);

/// " Did you mean "x"?" for keys of a map shape; nothing when none is near.
QString nearestKey(const Shape &map, const QString &key);

} // namespace sessionscope
