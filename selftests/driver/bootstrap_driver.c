// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that is configured by the active user's preferences: a sample of what
 * bootstrap(9) is for.
 *
 * The driver of a sound card, say, wants the volume that the user likes who sits
 * at the console. Each login session has an agent, which knows it and serves
 * org.example.driver.agent: to whoever connects it writes one struct
 * card_preferences. The driver asks the agent of the session that has the
 * console, whenever the console moves. As the user changes his mind, his agent
 * connects to org.example.driver, which is the driver itself, and is asked anew.
 *
 * What an agent does is up to its user. So nobody but the session that has the
 * console is asked, only a connection is read from, not for longer than the patience lasts,
 * and only what is a valid record counts.
 *
 * /sys/class/misc/bootstrap_driver has the volume, the session that it is of, and
 * how the last try went.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uio.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "bootstrap_api.h"

#define CARD_NAME	"org.example.driver"
#define CARD_AGENT	"org.example.driver.agent"
#define CARD_MAGIC	"pref"

/* Without a user, or one who has no say. */
#define CARD_VOLUME	50
#define CARD_LOUDEST	100

static unsigned int card_patience = 1000;
module_param_named(patience, card_patience, uint, 0644);
MODULE_PARM_DESC(patience, "How long an agent may take, in milliseconds");

/**
 * struct card_preferences - what an agent writes
 * @magic: CARD_MAGIC, not terminated
 * @version: 1
 * @volume: up to CARD_LOUDEST
 * @pad: 0
 */
struct card_preferences {
	char magic[4];
	__le32 version;
	__le32 volume;
	__le32 pad;
};

/**
 * struct card_setting - how the device is set
 * @session: by the user of which session, valid if @cookie is
 * @cookie: its cookie, or 0 for nobody
 * @volume: how loud
 * @error: how the last try went
 * @tries: how many there were
 */
struct card_setting {
	u32 session;
	u64 cookie;
	u32 volume;
	int error;
	u64 tries;
};

/* Protects card_setting. */
static DEFINE_MUTEX(card_lock);
static struct card_setting card_setting = { .volume = CARD_VOLUME };

static void card_configure(struct work_struct *work);
static DECLARE_WORK(card_work, card_configure);

static struct workqueue_struct *card_workqueue;
static struct bootstrap_registration *card_registration;
static struct task_struct *card_listener;

/* Nobody else has this socket, so that a time-out may be set. */
static int card_receive(struct socket *agent, void *buffer, size_t size)
{
	unsigned long deadline = jiffies +
		msecs_to_jiffies(READ_ONCE(card_patience));
	size_t got = 0;

	while (got < size) {
		struct kvec part = { buffer + got, size - got };
		struct msghdr message = {};
		long left = deadline - jiffies;
		int ret;

		/* 0 would be for ever. */
		if (left <= 0)
			return -ETIMEDOUT;
		agent->sk->sk_rcvtimeo = left;
		ret = kernel_recvmsg(agent, &message, &part, 1, part.iov_len, 0);
		if (ret <= 0)
			return ret == -EAGAIN ? -ETIMEDOUT : ret ?: -EPIPE;
		got += ret;
	}
	return 0;
}

static int card_judge(const struct card_preferences *preferences)
{
	return memcmp(preferences->magic, CARD_MAGIC,
		      sizeof(preferences->magic)) ||
	       preferences->version != cpu_to_le32(1) || preferences->pad ||
	       le32_to_cpu(preferences->volume) > CARD_LOUDEST ?
		-EBADMSG : 0;
}

/* The volume that the agent of a session wants, or an error. */
static int card_ask(const struct bootstrap_session_info *session)
{
	struct card_preferences preferences;
	struct file *agent;
	int err;

	/* A file could keep the driver waiting for as long as it liked. */
	agent = bootstrap_look_up_session(session->session, session->cookie,
					  CARD_AGENT,
					  BOOTSTRAP_LOOK_UP_SERVICE_ONLY);
	if (IS_ERR(agent))
		return PTR_ERR(agent);
	err = card_receive(sock_from_file(agent), &preferences,
			   sizeof(preferences)) ?:
	      card_judge(&preferences);
	fput(agent);
	return err ?: le32_to_cpu(preferences.volume);
}

/* An agent that fails leaves its own user's last word, and no other's. */
static void card_set(const struct bootstrap_session_info *session, int answer)
{
	u64 cookie = session ? session->cookie : 0;

	mutex_lock(&card_lock);
	card_setting.error = min(answer, 0);
	if (answer >= 0)
		card_setting.volume = answer;
	else if (card_setting.cookie != cookie)
		card_setting.volume = CARD_VOLUME;
	card_setting.cookie = cookie;
	card_setting.session = session ? session->session : 0;
	card_setting.tries++;
	mutex_unlock(&card_lock);
}

/* While the console moves on, the answer is late: that is told, too. */
static void card_configure(struct work_struct *work)
{
	struct bootstrap_session_info session, now;
	int answer;

	if (bootstrap_console_session(&session)) {
		card_set(NULL, CARD_VOLUME);
		return;
	}
	answer = card_ask(&session);
	if (!bootstrap_console_session(&now) && now.cookie == session.cookie)
		card_set(&session, answer);
}

static int card_notify(struct notifier_block *notifier, unsigned long event,
		       void *session)
{
	if (event != BOOTSTRAP_SESSION_LOGOUT)
		queue_work(card_workqueue, &card_work);
	return NOTIFY_OK;
}

static struct notifier_block card_notifier = {
	.notifier_call = card_notify,
};

/* Whoever connects has nothing to say but that it is time to ask. */
static int card_listen(void *registration)
{
	struct socket *right = bootstrap_service_socket(registration);
	struct socket *connection;

	while (!kthread_should_stop()) {
		/* Shut down, or out of memory. */
		if (kernel_accept(right, &connection, 0)) {
			schedule_timeout_interruptible(HZ / 10);
			continue;
		}
		sock_release(connection);
		queue_work(card_workqueue, &card_work);
		/* Anybody may connect, as often as he likes. */
		cond_resched();
	}
	return 0;
}

static struct card_setting card_get(void)
{
	struct card_setting setting;

	mutex_lock(&card_lock);
	setting = card_setting;
	mutex_unlock(&card_lock);
	return setting;
}

static ssize_t volume_show(struct device *device, struct device_attribute *attr,
			   char *text)
{
	return sysfs_emit(text, "%u\n", card_get().volume);
}
static DEVICE_ATTR_RO(volume);

static ssize_t session_show(struct device *device,
			    struct device_attribute *attr, char *text)
{
	struct card_setting setting = card_get();

	if (!setting.cookie)
		return sysfs_emit(text, "none\n");
	return sysfs_emit(text, "%u\n", setting.session);
}
static DEVICE_ATTR_RO(session);

static ssize_t error_show(struct device *device, struct device_attribute *attr,
			  char *text)
{
	return sysfs_emit(text, "%d\n", card_get().error);
}
static DEVICE_ATTR_RO(error);

static ssize_t tries_show(struct device *device, struct device_attribute *attr,
			  char *text)
{
	return sysfs_emit(text, "%llu\n", card_get().tries);
}
static DEVICE_ATTR_RO(tries);

static struct attribute *card_attrs[] = {
	&dev_attr_volume.attr,
	&dev_attr_session.attr,
	&dev_attr_error.attr,
	&dev_attr_tries.attr,
	NULL
};
ATTRIBUTE_GROUPS(card);

static const struct file_operations card_operations = {
	.owner = THIS_MODULE,
};

static struct miscdevice card_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = KBUILD_MODNAME,
	.fops = &card_operations,
	.groups = card_groups,
	.mode = 0400,
};

static int card_listen_start(void)
{
	card_registration = bootstrap_register_service(CARD_NAME,
						       SOCK_STREAM, 0);
	if (IS_ERR(card_registration))
		return PTR_ERR(card_registration);
	card_listener = kthread_run(card_listen, card_registration,
				    KBUILD_MODNAME);
	if (!IS_ERR(card_listener))
		return 0;
	bootstrap_unregister(card_registration);
	return PTR_ERR(card_listener);
}

static void card_listen_stop(void)
{
	struct socket *right = bootstrap_service_socket(card_registration);

	/* Wakes it, and it must be out of the socket before that is gone. */
	kernel_sock_shutdown(right, SHUT_RDWR);
	kthread_stop(card_listener);
	bootstrap_unregister(card_registration);
}

static int __init card_init(void)
{
	int err;

	card_workqueue = alloc_ordered_workqueue(KBUILD_MODNAME, 0);
	if (!card_workqueue)
		return -ENOMEM;
	err = misc_register(&card_device);
	if (err)
		goto out_workqueue;
	err = card_listen_start();
	if (err)
		goto out_device;
	err = bootstrap_register_session_notifier(&card_notifier);
	if (err)
		goto out_listener;
	/* Events tell of changes; this is how it is. */
	queue_work(card_workqueue, &card_work);
	return 0;
out_listener:
	card_listen_stop();
out_device:
	misc_deregister(&card_device);
out_workqueue:
	destroy_workqueue(card_workqueue);
	return err;
}

/* First those who give the work to do, and then it. */
static void __exit card_exit(void)
{
	bootstrap_unregister_session_notifier(&card_notifier);
	card_listen_stop();
	destroy_workqueue(card_workqueue);
	misc_deregister(&card_device);
}

module_init(card_init);
module_exit(card_exit);

MODULE_DESCRIPTION("A driver that has the preferences of the active user");
MODULE_LICENSE("GPL");
