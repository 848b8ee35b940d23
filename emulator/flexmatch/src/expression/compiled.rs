//! Expressions whose names are places in a rule set, and their values.

use std::{collections::HashSet, fmt};

use crate::{
    aggregation::{Aggregation, fold, mean},
    attribute::AttributeType,
    candidate::{Candidate, Member},
    choices::{Choices, PartyWeight, StandardDeviation},
    expression::{
        drift::{Course, Drift},
        function::Function,
        kind::Kind,
        syntax::{Property, Syntax, TeamNames, Term},
        value::Value,
    },
    ids::{AttributeId, TeamId},
    rule_set::declared::Declared,
    scanner::SyntaxError,
};

/// A property expression of a rule set. Printed, it is the expression again, in its shortest spelling.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    syntax: Syntax,
    node: Node,
    kind: Kind,
    course: Course,
}

/// An expression without names.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    Number(f64),
    Text(String),
    List(Vec<Node>),
    /// Of one team: values stand in no list of teams.
    Team(TeamId, Source),
    Teams(Vec<TeamId>, Source),
    Call {
        function: Function,
        /// How many lists are around the ones that the function takes.
        levels: usize,
        argument: Box<Node>,
    },
}

/// What is read of a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Name,
    /// Players are counted only, so that their ids stand for them.
    PlayerIds,
    Attribute(AttributeId, AttributeType),
}

/// How a rule looks at a match.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) candidate: &'a Candidate<'a>,
    pub(crate) aggregation: Aggregation,
    pub(crate) choices: Choices,
}

impl Expression {
    /// Reads an expression of a rule set.
    pub(crate) fn parse(text: &str, declared: &Declared<'_>) -> Result<Self, SyntaxError> {
        let syntax = Syntax::parse(text)?;
        let (node, kind, course) = compile(&syntax, declared)?;
        Ok(Self { syntax, node, kind, course })
    }

    /// A value that stands for itself.
    pub(crate) fn literal(syntax: Syntax) -> Result<Self, SyntaxError> {
        let (node, kind, course) = compile(&syntax, &Declared { attributes: &[], teams: &[], definitions: &[] })?;
        Ok(Self { syntax, node, kind, course })
    }

    pub(crate) const fn kind(&self) -> &Kind {
        &self.kind
    }

    pub(crate) const fn course(&self) -> &Course {
        &self.course
    }

    /// Its value for a match.
    pub(crate) fn value<'v>(&'v self, view: View<'v>) -> Value<'v> {
        evaluate(&self.node, view)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.syntax.fmt(f)
    }
}

type Compiled = Result<(Node, Kind, Course), SyntaxError>;

fn compile(syntax: &Syntax, declared: &Declared<'_>) -> Compiled {
    let wrong = |reason: String, remedy: String| SyntaxError { character: syntax.character, reason, remedy };
    match &syntax.term {
        Term::Number(number) => Ok((Node::Number(*number), Kind::Number, Course::STILL)),
        Term::Text(text) => Ok((Node::Text(text.clone()), Kind::Text, Course::STILL)),
        Term::List(elements) => compile_list(elements, declared),
        Term::Path { teams, of } => compile_path(teams, of, declared).map_err(|(reason, remedy)| wrong(reason, remedy)),
        Term::Call(function, argument) => {
            let (node, kind, course) = compile(argument, declared)?;
            let result = function.result(&kind).map_err(|wants| {
                wrong(
                    format!("{function} takes {wants}, and `{argument}` is a {kind}"),
                    format!("give {function} {wants}"),
                )
            })?;
            let levels = function.levels(&kind);
            let node = Node::Call { function: *function, levels, argument: Box::new(node) };
            Ok((node, result, course.through(*function)))
        }
    }
}

fn compile_list(elements: &[Syntax], declared: &Declared<'_>) -> Compiled {
    let (mut nodes, mut common) = (Vec::new(), None);
    let mut course = Course::STILL;
    for element in elements {
        let (node, kind, element_course) = compile(element, declared)?;
        if matches!(element.term, Term::Path { .. } | Term::Call(..)) || common.get_or_insert(kind.clone()) != &kind {
            return Err(SyntaxError {
                character: element.character,
                reason: "a list in brackets has numbers only, or texts only".to_owned(),
                remedy: "write all elements alike".to_owned(),
            });
        }
        course = element_course;
        nodes.push(node);
    }
    let kind = common.unwrap_or(Kind::Text).list();
    Ok((Node::List(nodes), kind, Course::list(Drift::Still, course)))
}

fn compile_path(
    teams: &TeamNames,
    of: &Property,
    declared: &Declared<'_>,
) -> Result<(Node, Kind, Course), (String, String)> {
    let in_team = |element| Course::list(Drift::Rises, element);
    let (source, kind, course) = match of {
        Property::Teams => (Source::Name, Kind::Team, Course::STILL),
        Property::Players => (Source::PlayerIds, Kind::Player.list(), in_team(Course::STILL)),
        Property::PlayerIds => (Source::PlayerIds, Kind::Text.list(), in_team(Course::STILL)),
        Property::Attribute(name) => {
            let (id, attribute) = declared.attribute(name)?;
            let kind = Kind::of_attribute(attribute).ok_or_else(|| {
                let reason = format!("the attribute {name} is a {attribute}, which expressions cannot read");
                (reason, "use an attribute of another type, or a sort rule".to_owned())
            })?;
            let element = if kind.depth() == 0 { Course::STILL } else { Course::list(Drift::Still, Course::STILL) };
            (Source::Attribute(id, attribute), kind.list(), in_team(element))
        }
    };
    let ids = declared.teams_named(teams)?;
    let is_one = matches!(teams, TeamNames::Named(names) if names.len() == 1) && ids.len() == 1;
    if is_one {
        return Ok((Node::Team(ids[0], source), kind, course));
    }
    Ok((Node::Teams(ids, source), kind.list(), Course::list(Drift::Still, course)))
}

fn evaluate<'v>(node: &'v Node, view: View<'v>) -> Value<'v> {
    match node {
        Node::Number(number) => Value::Number(*number),
        Node::Text(text) => Value::Text(text),
        Node::List(elements) => Value::List(elements.iter().map(|element| evaluate(element, view)).collect()),
        Node::Team(team, source) => read_team(*team, *source, view),
        Node::Teams(teams, source) => Value::List(teams.iter().map(|team| read_team(*team, *source, view)).collect()),
        Node::Call { function, levels, argument } => apply(*function, *levels, evaluate(argument, view), view.choices),
    }
}

fn read_team<'v>(team: TeamId, source: Source, view: View<'v>) -> Value<'v> {
    let members = view.candidate.members(team);
    match source {
        Source::Name => Value::Text(view.candidate.team_name(team)),
        Source::PlayerIds => {
            Value::List(members.iter().map(|m| Value::Text(m.entrant.players()[m.player].id())).collect())
        }
        Source::Attribute(attribute, kind) => {
            // A party counts once by its first player. Texts are each player's own in any case.
            let once = view.choices.party_weight == PartyWeight::PerParty && kind != AttributeType::Text;
            let counts = |member: &&Member<'_>| !once || member.player == 0 || !member.entrant.is_party();
            Value::List(
                members.iter().filter(counts).map(|member| read_player(member, attribute, kind, view)).collect(),
            )
        }
    }
}

fn read_player<'v>(member: &'v Member<'v>, attribute: AttributeId, kind: AttributeType, view: View<'v>) -> Value<'v> {
    match kind {
        AttributeType::Number => {
            Value::Number(member.entrant.number(member.player, attribute, view.aggregation.numbers))
        }
        AttributeType::TextList => {
            let texts = member.entrant.texts(member.player, attribute, view.aggregation.lists);
            Value::List(texts.iter().map(|text| Value::Text(text)).collect())
        }
        AttributeType::Text | AttributeType::NumberMap => Value::Text(member.entrant.text(member.player, attribute)),
    }
}

fn apply(function: Function, levels: usize, argument: Value<'_>, choices: Choices) -> Value<'_> {
    let Value::List(elements) = argument else { return Value::Undefined };
    if levels > 0 {
        return Value::List(elements.into_iter().map(|list| apply(function, levels - 1, list, choices)).collect());
    }
    match function {
        Function::Flatten => Value::List(elements.into_iter().flat_map(into_list).collect()),
        Function::SetIntersection => Value::List(intersection(elements)),
        Function::Count => Value::Number(elements.len() as f64),
        _ => statistic(function, &elements, choices),
    }
}

fn into_list(value: Value<'_>) -> Vec<Value<'_>> {
    match value {
        Value::List(elements) => elements,
        _ => Vec::new(),
    }
}

/// The elements that are in every list, each once, in the order of the first list.
fn intersection(lists: Vec<Value<'_>>) -> Vec<Value<'_>> {
    let mut lists = lists.into_iter().map(into_list);
    let mut common = lists.next().unwrap_or_default();
    let mut seen = HashSet::new();
    common.retain(|value| matches!(value, Value::Text(text) if seen.insert(*text)));
    for list in lists {
        let list: HashSet<_> = list.iter().filter_map(Value::text).collect();
        common.retain(|value| value.text().is_some_and(|text| list.contains(text)));
    }
    common
}

/// A number for a list of numbers. Nothing is the average of no number, and of one that is undefined itself.
fn statistic<'v>(function: Function, elements: &[Value<'_>], choices: Choices) -> Value<'v> {
    let numbers: Option<Vec<f64>> = elements.iter().map(Value::number).collect();
    let Some(mut numbers) = numbers else { return Value::Undefined };
    if function == Function::Sum {
        // An empty sum is -0.0 in Rust, and 0 for everybody else.
        return Value::Number(numbers.iter().fold(0.0, |sum, number| sum + number));
    }
    if numbers.is_empty() {
        return Value::Undefined;
    }
    Value::Number(match function {
        Function::Min => fold(&numbers, f64::min),
        Function::Max => fold(&numbers, f64::max),
        Function::Median => {
            numbers.sort_by(f64::total_cmp);
            let (lower, upper) = (numbers[(numbers.len() - 1) / 2], numbers[numbers.len() / 2]);
            mean(&[lower, upper])
        }
        Function::Stddev => match deviation(&numbers, choices.standard_deviation) {
            Some(deviation) => deviation,
            None => return Value::Undefined,
        },
        _ => mean(&numbers),
    })
}

fn deviation(numbers: &[f64], how: StandardDeviation) -> Option<f64> {
    let divisor = match how {
        StandardDeviation::Population => numbers.len(),
        StandardDeviation::Sample => numbers.len() - 1,
    };
    let middle = mean(numbers);
    let squares: f64 = numbers.iter().map(|number| (number - middle).powi(2)).sum();
    (divisor > 0).then(|| (squares / divisor as f64).sqrt())
}
