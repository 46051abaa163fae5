// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/rtsp/stream_server.hpp"

#include <gst/rtsp-server/rtsp-server.h>

#include <stdexcept>
#include <thread>

namespace gatehouse::simulators::cameras {
namespace {

constexpr auto role = "viewer";
constexpr guint64 sender_report_every_ns = GST_SECOND;
constexpr guint sessions_looked_at_every_s = 2;

std::string launch_line(const Lens& lens, const std::string& audio) {
    const std::string& codec = lens.footage().codec;
    std::string line = "( appsrc name=video is-live=true format=time do-timestamp=false max-bytes=33554432 caps=video/x-" + codec +
                       ",stream-format=byte-stream,alignment=au ! rtp" + codec + "pay name=pay0 pt=96 config-interval=0 ";
    if (audio == "pcma")
        line += "audiotestsrc name=tone is-live=true freq=440 volume=0.2 ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8 ";
    if (audio == "aac")
        line +=
            "audiotestsrc name=tone is-live=true freq=440 volume=0.2 ! audio/x-raw,rate=16000,channels=1 ! voaacenc ! rtpmp4gpay name=pay1 pt=97 ";
    return line + ")";
}

GstElement* part_of(GstRTSPMedia* media, const char* name) {
    GstElement* element = gst_rtsp_media_get_element(media);
    GstElement* part = gst_bin_get_by_name_recurse_up(GST_BIN(element), name);
    gst_object_unref(element);
    return part;
}

// The tone says that it can seek, so the server seeks at PLAY, which fails: nothing here can be wound back.
GstPadProbeReturn refuse_to_seek(GstPad*, GstPadProbeInfo* info, gpointer) {
    GstQuery* query = GST_PAD_PROBE_INFO_QUERY(info);
    if (GST_QUERY_TYPE(query) != GST_QUERY_SEEKING) return GST_PAD_PROBE_OK;
    gst_query_set_seeking(query, GST_FORMAT_TIME, FALSE, 0, -1);
    return GST_PAD_PROBE_HANDLED;
}

void unprepared(GstRTSPMedia* media, Lens* lens) {
    GstElement* source = part_of(media, "video");
    lens->remove(source);
    gst_object_unref(source);
}

// Reports every second: a test that measures the camera's clock needn't wait five.
void prepared(GstRTSPMedia* media, gpointer) {
    for (guint i = 0; i < gst_rtsp_media_n_streams(media); ++i) {
        GObject* session = gst_rtsp_stream_get_rtpsession(gst_rtsp_media_get_stream(media, i));
        if (!session) continue;
        g_object_set(session, "rtcp-min-interval", sender_report_every_ns, nullptr);
        g_object_unref(session);
    }
}

void configured(GstRTSPMediaFactory*, GstRTSPMedia* media, Lens* lens) {
    g_signal_connect(media, "prepared", G_CALLBACK(prepared), nullptr);
    g_signal_connect(media, "unprepared", G_CALLBACK(unprepared), lens);
    GstElement* source = part_of(media, "video");
    lens->add(source);
    gst_object_unref(source);
    if (GstElement* tone = part_of(media, "tone")) {
        GstPad* pad = gst_element_get_static_pad(tone, "src");
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_QUERY_UPSTREAM, refuse_to_seek, nullptr, nullptr);
        gst_object_unref(pad);
        gst_object_unref(tone);
    }
}

// A client over UDP may come back on another connection for its session, and the server would send on for a minute. Ours don't.
GstRTSPFilterResult end_session(GstRTSPClient*, GstRTSPSession* session, gpointer pool) {
    gst_rtsp_session_pool_remove(GST_RTSP_SESSION_POOL(pool), session);
    return GST_RTSP_FILTER_REMOVE;
}

void client_closed(GstRTSPClient* client, gpointer) {
    GstRTSPSessionPool* pool = gst_rtsp_client_get_session_pool(client);
    g_list_free_full(gst_rtsp_client_session_filter(client, end_session, pool), g_object_unref);
    g_object_unref(pool);
}

void client_connected(GstRTSPServer*, GstRTSPClient* client, gpointer) { g_signal_connect(client, "closed", G_CALLBACK(client_closed), nullptr); }

gboolean forget_ended_sessions(gpointer pool) {
    gst_rtsp_session_pool_cleanup(GST_RTSP_SESSION_POOL(pool));
    return G_SOURCE_CONTINUE;
}

} // namespace

struct StreamServer::Inside {
    explicit Inside(StreamServerChoice a_choice) : choice(std::move(a_choice)) {}

    void allow(const std::string& password) {
        if (choice.log_in == LogIn::none) return;
        GstRTSPToken* token = gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, role, nullptr);
        if (choice.log_in == LogIn::digest) {
            gst_rtsp_auth_remove_digest(auth, choice.user.c_str());
            gst_rtsp_auth_add_digest(auth, choice.user.c_str(), password.c_str(), token);
        } else {
            if (!basic.empty()) gst_rtsp_auth_remove_basic(auth, basic.c_str());
            gchar* made = gst_rtsp_auth_make_basic(choice.user.c_str(), password.c_str());
            basic = made;
            g_free(made);
            gst_rtsp_auth_add_basic(auth, basic.c_str(), token);
        }
        gst_rtsp_token_unref(token);
    }

    StreamServerChoice choice;
    std::string basic; // what a basic log-in looks like
    GMainContext* context = nullptr;
    GMainLoop* loop = nullptr;
    GstRTSPServer* server = nullptr;
    GstRTSPAuth* auth = nullptr;
    std::thread thread;
};

StreamServer::StreamServer(StreamServerChoice choice, const std::vector<Lens*>& lenses) : inside_(std::make_unique<Inside>(std::move(choice))) {
    gst_init(nullptr, nullptr);
    Inside& in = *inside_;
    in.context = g_main_context_new();
    in.loop = g_main_loop_new(in.context, FALSE);
    in.server = gst_rtsp_server_new();
    gst_rtsp_server_set_address(in.server, "127.0.0.1");
    gst_rtsp_server_set_service(in.server, "0");

    if (in.choice.log_in != LogIn::none) {
        in.auth = gst_rtsp_auth_new();
        gst_rtsp_auth_set_supported_methods(in.auth, in.choice.log_in == LogIn::digest ? GST_RTSP_AUTH_DIGEST : GST_RTSP_AUTH_BASIC);
        gst_rtsp_auth_set_realm(in.auth, in.choice.realm.c_str());
        in.allow(in.choice.password);
        gst_rtsp_server_set_auth(in.server, in.auth);
    }

    g_signal_connect(in.server, "client-connected", G_CALLBACK(client_connected), nullptr);
    GstRTSPMountPoints* mounts = gst_rtsp_server_get_mount_points(in.server);
    for (Lens* lens : lenses) {
        GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
        gst_rtsp_media_factory_set_launch(factory, launch_line(*lens, in.choice.audio).c_str());
        // Each client has a pipeline of its own, so that its first packet is a key frame's.
        gst_rtsp_media_factory_set_shared(factory, FALSE);
        if (in.choice.log_in != LogIn::none)
            gst_rtsp_media_factory_add_role(factory, role, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
                                            GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, nullptr);
        g_signal_connect(factory, "media-configure", G_CALLBACK(configured), lens);
        gst_rtsp_mount_points_add_factory(mounts, ("/" + lens->name()).c_str(), factory);
    }
    g_object_unref(mounts);

    GError* error = nullptr;
    GSource* source = gst_rtsp_server_create_source(in.server, nullptr, &error);
    if (!source) {
        const std::string what = error ? error->message : "no reason given";
        g_clear_error(&error);
        throw std::runtime_error("RTSP server: " + what);
    }
    g_source_attach(source, in.context);
    g_source_unref(source);
    GSource* cleaner = g_timeout_source_new_seconds(sessions_looked_at_every_s);
    GstRTSPSessionPool* pool = gst_rtsp_server_get_session_pool(in.server);
    g_source_set_callback(cleaner, forget_ended_sessions, pool, g_object_unref);
    g_source_attach(cleaner, in.context);
    g_source_unref(cleaner);
    in.thread = std::thread([&in] {
        g_main_context_push_thread_default(in.context);
        g_main_loop_run(in.loop);
        g_main_context_pop_thread_default(in.context);
    });
}

StreamServer::~StreamServer() {
    g_main_loop_quit(inside_->loop);
    if (inside_->thread.joinable()) inside_->thread.join();
    g_clear_object(&inside_->auth);
    g_clear_object(&inside_->server);
    g_main_loop_unref(inside_->loop);
    g_main_context_unref(inside_->context);
}

std::uint16_t StreamServer::port() const { return static_cast<std::uint16_t>(gst_rtsp_server_get_bound_port(inside_->server)); }

void StreamServer::set_password(const std::string& password) { inside_->allow(password); }

} // namespace gatehouse::simulators::cameras
