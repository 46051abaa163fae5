// SPDX-License-Identifier: Apache-2.0
//
// What each command of the table does. Each answers the exit code after it has said what there is to say.
#pragma once

namespace gatehouse::ctl {

struct Session;

int show_status(const Session& session);
int check(const Session& session);
int tail(const Session& session);
int coverage(const Session& session);

int device_list(const Session& session);
int device_add(const Session& session);
int device_remove(const Session& session);
int device_probe(const Session& session);
int device_discover(const Session& session);
int device_open(const Session& session);
int device_password(const Session& session);

int clip_list(const Session& session);
int clip_approve(const Session& session);
int clip_refuse(const Session& session);

int camera_list(const Session& session);
int camera_probe(const Session& session);
int camera_snapshot(const Session& session);
int camera_live(const Session& session);

int upstream_status(const Session& session);
int upstream_dead(const Session& session);
int upstream_resend(const Session& session);

int log_verify(const Session& session);
int identity(const Session& session);
int identity_renew(const Session& session);
int erase(const Session& session);

int entry_list(const Session& session);
int entry_show(const Session& session);
int entry_add(const Session& session);
int entry_change(const Session& session);
int entry_end(const Session& session);
int home_list(const Session& session);
int home_show(const Session& session);
int home_put(const Session& session);
int home_end(const Session& session);
int library_classes(const Session& session);
int library_import(const Session& session);
int library_undo(const Session& session);
int library_export(const Session& session);

int settings(const Session& session);
int backup(const Session& session);
int restore(const Session& session);
int bundle(const Session& session);

int completion(const Session& session);
int help(const Session& session);

} // namespace gatehouse::ctl
