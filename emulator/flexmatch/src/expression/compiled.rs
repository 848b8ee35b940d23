//! Expressions whose names are places in a rule set, and their values.

use std::{collections::HashSet, fmt};

use crate::{
    aggregation::{Aggregation, mean},
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

    /// Whether it says what lists have in common.
    pub(crate) fn intersects(&self) -> bool {
        intersects(&self.syntax, &|_| true)
    }

    /// Whether it says what the lists of some teams have in common. Of an empty team's lists it is nothing, and may
    /// become more with its first player, while what all players of a match have in common only becomes less.
    pub(crate) fn intersects_teams(&self) -> bool {
        intersects(&self.syntax, &|argument| !is_of_all_players(argument))
    }

    /// Visits the teams of each place where it names some, all of one place at once.
    pub(crate) fn each_teams(&self, visit: &mut dyn FnMut(&[TeamId])) {
        each_teams(&self.node, visit);
    }

    /// Its value for a match.
    pub(crate) fn value<'v>(&'v self, view: View<'v>) -> Value<'v> {
        evaluate(&self.node, view)
    }

    /// Visits what is inside all lists of its value, from left to right.
    pub(crate) fn each_leaf<'v>(&'v self, view: View<'v>, mut visit: impl FnMut(Value<'v>)) {
        each_leaf(&self.node, view, &mut visit);
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.syntax.fmt(f)
    }
}

/// Whether there is a `set_intersection` of something that is wanted.
fn intersects(syntax: &Syntax, is_wanted: &impl Fn(&Syntax) -> bool) -> bool {
    let Term::Call(function, argument) = &syntax.term else { return false };
    *function == Function::SetIntersection && is_wanted(argument) || intersects(argument, is_wanted)
}

fn is_of_all_players(syntax: &Syntax) -> bool {
    let Term::Call(Function::Flatten, argument) = &syntax.term else { return false };
    matches!(argument.term, Term::Path { teams: TeamNames::All, .. })
}

/// What is done with each value, one after the other.
type Visit<'a, 'v> = &'a mut dyn FnMut(Value<'v>);

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
        Node::Call { function, levels: 0, argument } if function.is_statistic() => {
            statistic(*function, view.choices, &|visit| each_leaf(argument, view, visit))
        }
        Node::Call { function, levels, argument } => apply(*function, *levels, evaluate(argument, view), view.choices),
    }
}

/// Visits what is inside all lists of a value, from left to right. A matcher asks for it in every trial of a ticket, so
/// that no list is made on the way where none is needed.
fn each_leaf<'v>(node: &'v Node, view: View<'v>, visit: Visit<'_, 'v>) {
    match node {
        Node::List(elements) => elements.iter().for_each(|element| each_leaf(element, view, visit)),
        Node::Team(team, source) => each_leaf_of_team(*team, *source, view, visit),
        Node::Teams(teams, source) => teams.iter().for_each(|team| each_leaf_of_team(*team, *source, view, visit)),
        // A list less around them leaves the leaves as they are.
        Node::Call { function: Function::Flatten, argument, .. } => each_leaf(argument, view, visit),
        Node::Call { function, levels, argument } => match (levels, &**argument) {
            (1, Node::Teams(teams, source)) if function.is_statistic() => {
                for team in teams {
                    let of_team = |visit: Visit<'_, 'v>| each_leaf_of_team(*team, *source, view, visit);
                    visit(statistic(*function, view.choices, &of_team));
                }
            }
            _ => evaluate(node, view).into_leaves(visit),
        },
        Node::Number(_) | Node::Text(_) => visit(evaluate(node, view)),
    }
}

fn each_teams(node: &Node, visit: &mut dyn FnMut(&[TeamId])) {
    match node {
        Node::Team(team, _) => visit(&[*team]),
        Node::Teams(teams, _) => visit(teams),
        Node::Call { argument, .. } => each_teams(argument, visit),
        // It has literals only.
        Node::List(_) | Node::Number(_) | Node::Text(_) => {}
    }
}

fn each_leaf_of_team<'v>(team: TeamId, source: Source, view: View<'v>, visit: Visit<'_, 'v>) {
    match source {
        Source::Name => visit(Value::Text(view.candidate.team_name(team))),
        Source::Attribute(_, AttributeType::TextList) => {
            each_of_team(team, source, view, &mut |element| element.into_leaves(visit));
        }
        _ => each_of_team(team, source, view, visit),
    }
}

fn read_team<'v>(team: TeamId, source: Source, view: View<'v>) -> Value<'v> {
    if source == Source::Name {
        return Value::Text(view.candidate.team_name(team));
    }
    let mut elements = Vec::new();
    each_of_team(team, source, view, &mut |element| elements.push(element));
    Value::List(elements)
}

/// Visits the values of a team's players.
fn each_of_team<'v>(team: TeamId, source: Source, view: View<'v>, visit: Visit<'_, 'v>) {
    let members = view.candidate.members(team);
    let Source::Attribute(attribute, kind) = source else {
        members.iter().for_each(|member| visit(Value::Text(member.entrant.players()[member.player].id())));
        return;
    };
    // A party counts once by its first player. Texts are each player's own in any case.
    let once = view.choices.party_weight == PartyWeight::PerParty && kind != AttributeType::Text;
    let counts = |member: &&Member<'_>| !once || member.player == 0 || !member.entrant.is_party();
    members.iter().filter(counts).for_each(|member| visit(read_player(member, attribute, kind, view)));
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
        _ => statistic(function, choices, &|visit| elements.iter().cloned().for_each(visit)),
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

/// A number for the values that `each` visits, once or twice. Nothing is the average of no number, and of one that is
/// undefined itself.
fn statistic<'v>(function: Function, choices: Choices, each: &dyn Fn(Visit<'_, 'v>)) -> Value<'v> {
    let (mut count, mut sum, mut are_numbers) = (0_usize, 0.0, true);
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    each(&mut |value| {
        count += 1;
        match value {
            Value::Number(number) => {
                sum += number;
                least = f64::min(least, number);
                greatest = f64::max(greatest, number);
            }
            _ => are_numbers = false,
        }
    });
    let average = sum / count as f64;
    match function {
        Function::Count => Value::Number(count as f64),
        _ if !are_numbers => Value::Undefined,
        Function::Sum => Value::Number(sum),
        _ if count == 0 => Value::Undefined,
        Function::Min => Value::Number(least),
        Function::Max => Value::Number(greatest),
        Function::Avg if average.is_finite() => Value::Number(average),
        _ => {
            let mut numbers = Vec::with_capacity(count);
            each(&mut |value| numbers.extend(value.number()));
            statistic_of_list(function, choices, numbers).map_or(Value::Undefined, Value::Number)
        }
    }
}

/// What cannot be told while the numbers go by. There is at least one.
fn statistic_of_list(function: Function, choices: Choices, mut numbers: Vec<f64>) -> Option<f64> {
    match function {
        Function::Median => {
            numbers.sort_by(f64::total_cmp);
            let (lower, upper) = (numbers[(numbers.len() - 1) / 2], numbers[numbers.len() / 2]);
            Some(mean(&[lower, upper]))
        }
        Function::Stddev => deviation(&numbers, choices.standard_deviation),
        // The sum of huge numbers may be infinite.
        _ => Some(mean(&numbers)),
    }
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
