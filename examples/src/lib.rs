//! Short programs for programmers and for analysts who read along; see the files beside this folder.
