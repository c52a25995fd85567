# Live pages, offline work.
live-stale = 数据已陈旧：%time% 之后没有更新，正在重新连接
live-auth = 您的登录或权限已变更。请先保存所填内容，再刷新页面
live-alarm-1 = 特急：%title% 有新情况
live-alarm-2 = 紧急：%title% 有新情况
outbox-title = 待上传
outbox-empty = 全部已上传
outbox-waiting = %count% 条待上传，最早一条填于 %time%
outbox-wrong = 需修改
outbox-send = 立即上传
outbox-kept = 已保存在本机，联网后自动上传
outbox-mend = 打开并修改
outbox-drop = 删除
outbox-sign-out = 还有 %count% 条未上传。退出登录会将其从本机删除，确定退出吗？
outbox-foreign = 另一账号在本机有未上传的内容，仅该账号登录后可上传
offline-title = 没有网络
offline-text = 这个页面没有保存在本机。联网后请重试；已填写的内容仍在待上传列表中。
offline-again = 重试
