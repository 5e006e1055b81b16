//! Types that grow while a body is walked, kept from one walk to the next: of what a place makes (elements of its
//! lists), of what a function gives, of what is collected.

use std::collections::{BTreeSet, HashMap};

use crate::Cause;
use crate::regex::Groups;
use crate::types::Type;

/// Places that may have made a value's lists, dicts and sets.
pub(super) type Sites = BTreeSet<u32>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Makes {
    List,
    Set,
    Dict,
    /// Dicts with known keys.
    Row,
}

/// A place that makes lists, sets or dicts.
struct Site {
    makes: Makes,
    /// Of elements or keys, and of values: what was asked for.
    wide: (Type, Type),
    /// What it makes in this walk.
    now: (Type, Type),
    /// Sites of what was put into its objects.
    holds: Sites,
    /// Keys of the rows that it has made, or that were made of those.
    rows: Vec<Vec<String>>,
    /// Why it makes no rows.
    no_row: Option<Cause>,
}

#[derive(Default)]
pub(super) struct Cells {
    cells: Vec<(Type, bool)>,
    cell_ids: HashMap<(u32, usize), u32>,
    sites: Vec<Site>,
    site_ids: HashMap<(u32, usize), u32>,
    frames: HashMap<(u32, usize), u32>,
    attributes: HashMap<u32, u32>,
    collects: Option<Type>,
    /// Groups of the regular expressions that were seen.
    pub patterns: Vec<Groups>,
}

impl Cells {
    pub(super) fn cell(&mut self, frame: u32, place: usize) -> u32 {
        let next = self.cells.len() as u32;
        let id = *self.cell_ids.entry((frame, place)).or_insert(next);
        if id == next {
            self.cells.push((Type::Never, false));
        }
        id
    }

    pub(super) fn of(&self, cell: u32) -> Type {
        self.cells[cell as usize].0.clone()
    }

    /// Whether a value of the cell was seen.
    pub(super) fn reached(&self, cell: u32) -> bool {
        self.cells[cell as usize].1
    }

    /// Whether that is more than it was.
    pub(super) fn grow(&mut self, cell: u32, of: Type) -> bool {
        let cell = &mut self.cells[cell as usize];
        let grown = cell.0 != of;
        *cell = (of, true);
        grown
    }

    pub(super) fn attribute(&mut self, index: u32, initial: Type) -> u32 {
        let next = self.cells.len() as u32;
        let id = *self.attributes.entry(index).or_insert(next);
        if id == next {
            self.cells.push((initial, true));
        }
        id
    }

    /// An inlined function's number, by who calls it where.
    pub(super) fn frame(&mut self, caller: u32, place: usize) -> u32 {
        let next = self.frames.len() as u32 + 1;
        *self.frames.entry((caller, place)).or_insert(next)
    }

    pub(super) fn collects(&self) -> Type {
        self.collects.clone().unwrap_or(Type::Never)
    }

    pub(super) fn collect(&mut self, of: Type) -> bool {
        let grown = self.collects.as_ref() != Some(&of);
        self.collects = Some(of);
        grown
    }

    /// A place that makes something, and what of: at least elements or keys, and values, of these types. `None` if that
    /// has no type in common with what was put into it.
    pub(super) fn site(&mut self, place: (u32, usize), makes: Makes, of: (Type, Type)) -> Option<(u32, (Type, Type))> {
        let id = self.site_at(place, makes);
        let site = &mut self.sites[id as usize];
        site.now = (site.wide.0.join(&of.0)?, site.wide.1.join(&of.1)?);
        Some((id, site.now.clone()))
    }

    fn site_at(&mut self, place: (u32, usize), makes: Makes) -> u32 {
        let next = self.sites.len() as u32;
        let id = *self.site_ids.entry(place).or_insert(next);
        if id == next {
            let never = (Type::Never, Type::Never);
            let (wide, now) = (never.clone(), never);
            self.sites.push(Site { makes, wide, now, holds: Sites::new(), rows: Vec::new(), no_row: None });
        }
        id
    }

    /// A place that makes rows; `None` if it was asked for dicts of any keys.
    pub(super) fn row(&mut self, place: (u32, usize)) -> Option<u32> {
        let id = self.site_at(place, Makes::Row);
        self.sites[id as usize].no_row.is_none().then_some(id)
    }

    /// Why a place makes no rows.
    pub(super) fn why_no_row(&self, place: (u32, usize)) -> Option<&Cause> {
        let id = self.site_ids.get(&place)?;
        self.sites[*id as usize].no_row.as_ref()
    }

    /// Notes what rows a place makes.
    pub(super) fn row_of(&mut self, site: u32, of: &[(String, Type)]) {
        let rows = &mut self.sites[site as usize].rows;
        let keys: Vec<String> = of.iter().map(|(key, _)| key.clone()).collect();
        if !rows.contains(&keys) {
            rows.push(keys);
        }
    }

    /// Notes that a row was made of another one.
    pub(super) fn row_as(&mut self, sites: &Sites, from: &[(String, Type)], to: &[(String, Type)]) {
        for site in sites {
            if self.sites[*site as usize].makes_row(from) {
                self.row_of(*site, to);
            }
        }
    }

    /// All but those that make such rows.
    pub(super) fn without_rows(&self, sites: &Sites, of: &[(String, Type)]) -> Sites {
        sites.iter().copied().filter(|site| !self.sites[*site as usize].makes_row(of)).collect()
    }

    /// Asks those that made such rows to make dicts of any keys instead. Whether there were any.
    pub(super) fn no_row(&mut self, sites: &Sites, of: &[(String, Type)], why: &Cause) -> bool {
        self.ask(sites, |site| {
            let asked = site.makes_row(of) && site.no_row.is_none();
            if asked {
                site.no_row = Some(why.clone());
            }
            asked
        })
    }

    /// Asks sites for something else; if it is none of them, those that they hold, and so on: what is in a list of lists
    /// may be of the same type as the list itself. Whether any of them had to be asked.
    fn ask(&mut self, sites: &Sites, mut change: impl FnMut(&mut Site) -> bool) -> bool {
        let mut seen = Sites::new();
        let mut level: Vec<u32> = sites.iter().copied().collect();
        let mut any = false;
        while !level.is_empty() && !any {
            let mut next = Vec::new();
            for id in level {
                if seen.insert(id) {
                    let site = &mut self.sites[id as usize];
                    next.extend(&site.holds);
                    any |= change(site);
                }
            }
            level = next;
        }
        any
    }

    pub(super) fn hold(&mut self, by: &Sites, what: &Sites) {
        if what.is_empty() {
            return;
        }
        for site in by {
            self.sites[*site as usize].holds.extend(what);
        }
    }

    /// Asks those that made `now` to make `wide` instead. Whether there were any.
    pub(super) fn widen(&mut self, sites: &Sites, makes: Makes, now: (&Type, &Type), wide: (&Type, &Type)) -> bool {
        self.ask(sites, |site| {
            let asked =
                site.makes == makes && (&site.now.0, &site.now.1) == now && (&site.wide.0, &site.wide.1) != wide;
            if asked {
                site.wide = (wide.0.clone(), wide.1.clone());
            }
            asked
        })
    }
}

impl Site {
    fn makes_row(&self, of: &[(String, Type)]) -> bool {
        let is_of = |keys: &Vec<String>| keys.len() == of.len() && keys.iter().zip(of).all(|(key, (of, _))| key == of);
        self.makes == Makes::Row && self.rows.iter().any(is_of)
    }
}

/// Whether values of a type are or hold lists, dicts or sets.
pub(super) fn holds_objects(of: &Type) -> bool {
    of.any(&|of| matches!(of, Type::List(_) | Type::Dict(..) | Type::Row(_) | Type::Set(_)))
}

/// Whether there is no value of a type.
pub(super) fn is_empty(of: &Type) -> bool {
    match of {
        Type::Never => true,
        Type::Tuple(fields) | Type::Mixed(fields) => fields.iter().any(is_empty),
        Type::Record(record) => record.fields.iter().any(|(_, of)| is_empty(of)),
        Type::Row(fields) => fields.iter().any(|(_, of)| is_empty(of)),
        _ => false,
    }
}
