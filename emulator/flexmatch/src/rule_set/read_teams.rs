//! Reads `teams`.

use std::collections::HashSet;

use crate::{
    json::{Members, Report},
    team::{Team, TeamSize},
};

const MEMBERS: [&str; 4] = ["name", "minPlayers", "maxPlayers", "quantity"];
/// The most players of a match, and the most teams: each has room for one.
pub(crate) const MOST_PLAYERS: u32 = 200;

/// The teams as they are defined.
#[derive(Clone, Debug, Default)]
pub(crate) struct Definitions {
    pub(crate) names: Vec<String>,
    pub(crate) sizes: Vec<TeamSize>,
    pub(crate) quantities: Vec<u32>,
}

impl Definitions {
    /// The teams of a match.
    pub(crate) fn teams(&self) -> Vec<Team> {
        let of_definition = |definition: usize| {
            let (name, quantity) = (&self.names[definition], self.quantities[definition]);
            (1..=quantity).map(move |number| Team {
                name: if quantity == 1 { name.clone() } else { format!("{name}_{number}") },
                definition,
            })
        };
        (0..self.names.len()).flat_map(of_definition).collect()
    }

    /// How many players all teams take at most.
    pub(crate) fn total(&self, sizes: &[TeamSize]) -> u64 {
        let of_definition = |(size, quantity): (&TeamSize, &u32)| u64::from(size.max) * u64::from(*quantity);
        sizes.iter().zip(&self.quantities).map(of_definition).sum()
    }
}

/// Reads the definitions. Those that are wrong are left out.
pub(crate) fn read(set: &Members<'_>, report: &mut Report) -> Definitions {
    let mut definitions = Definitions::default();
    let example = "[{\"name\": \"red\", \"minPlayers\": 1, \"maxPlayers\": 2}]";
    let Some(list) = set.required(report, "teams", example) else { return definitions };
    let known = report.problems.len();
    let elements = list.elements(report, MOST_PLAYERS as usize);
    if elements.is_empty() && known == report.problems.len() {
        report.problem(&list.path, "there is no team", "define at least one");
    }
    for place in elements {
        let Some(members) = place.members(report) else { continue };
        members.only(report, &[&MEMBERS]);
        let Some((name, size, quantity)) = read_one(&members, report) else { continue };
        definitions.names.push(name);
        definitions.sizes.push(size);
        definitions.quantities.push(quantity);
    }
    let total = definitions.total(&definitions.sizes);
    if total > u64::from(MOST_PLAYERS) {
        let reason = format!("the teams take up to {total} players together");
        report.problem(&list.path, reason, format!("lower maxPlayers or quantity: a match has at most {MOST_PLAYERS}"));
        definitions.quantities.fill(1);
    }
    check_names(&definitions, &list.path, report);
    definitions
}

fn read_one(members: &Members<'_>, report: &mut Report) -> Option<(String, TeamSize, u32)> {
    let name = members.required(report, "name", "\"red\"").and_then(|place| {
        let name = place.name(report)?;
        if name == "*" || name.contains(|next: char| next.is_whitespace() || ['[', ']', ','].contains(&next)) {
            let reason = format!("{name:?} cannot stand in an expression");
            report.problem(&place.path, reason, "use a name without blanks, commas and brackets");
            return None;
        }
        Some(name)
    });
    let limit = |name, least, report: &mut Report| {
        members.required(report, name, "4").and_then(|place| place.whole(report, least, MOST_PLAYERS))
    };
    let (min, max) = (limit("minPlayers", 0, report), limit("maxPlayers", 1, report));
    let quantity = members.get("quantity").map_or(Some(1), |place| place.whole(report, 1, MOST_PLAYERS));
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        report.problem(&members.path, format!("minPlayers {min} is above maxPlayers {max}"), "lower it");
    }
    // A team with a wrong size keeps its name, so that the rules about it are not wrong too.
    Some((name?.to_owned(), TeamSize { min: min.unwrap_or(0), max: max.unwrap_or(1) }, quantity.unwrap_or(1)))
}

/// Two teams of a match have two names, and a team has none that means several others.
fn check_names(definitions: &Definitions, path: &str, report: &mut Report) {
    let mut taken = HashSet::new();
    let teams = definitions.teams();
    let several = definitions.names.iter().zip(&definitions.quantities).filter(|(_, quantity)| **quantity > 1);
    for name in teams.iter().map(|team| &team.name).chain(several.map(|(name, _)| name)) {
        if !taken.insert(name) {
            let remedy =
                "give each a name of its own; a team with a quantity has the names NAME_1, NAME_2 and so on too";
            report.problem(path, format!("two teams have the name {name}"), remedy);
        }
    }
}
